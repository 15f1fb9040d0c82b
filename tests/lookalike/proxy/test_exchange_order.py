"""The order in which exchanges are told: a read waits for the end of a change that began before it."""

from lookalike.http import Request, Response
from lookalike.proxy.exchange_order import ExchangeEnd, ExchangeOrder, Listeners, ProxiedExchange


class Told:
    """What listeners were told, and a clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events: list[str] = []
        listeners = Listeners(
            lambda proxied: self.events.append(proxied.exchange.request.path), lambda: self.events.append("doubt")
        )
        self.order = ExchangeOrder(listeners, "http://a.test", lambda: self.now)

    def begin(self, method: str, path: str) -> int:
        return self.order.begin(Request(method, path))

    def end(self, number: int) -> list[str]:
        self.order.end(number, ExchangeEnd(Response(200)))
        return self.events


def test_a_read_is_told_after_the_change_that_began_before_it() -> None:
    told = Told()
    change, read = told.begin("PUT", "/change"), told.begin("GET", "/read")
    assert told.end(read) == []
    assert told.end(change) == ["/change", "/read"]


def test_a_change_does_not_wait_for_a_read() -> None:
    told = Told()
    told.begin("GET", "/slow")
    assert told.end(told.begin("PUT", "/change")) == ["/change"]


def test_a_change_without_an_end_holds_others_up_for_half_a_minute_and_makes_them_doubtful() -> None:
    told = Told()
    change = told.begin("POST", "/stream")
    told.end(told.begin("GET", "/first"))
    told.now = 31.0
    assert told.end(told.begin("GET", "/second")) == ["doubt", "/first", "/second"]
    assert told.end(change) == ["doubt", "/first", "/second", "/stream", "doubt"]


def test_the_end_tells_of_all_that_waits_and_counts_what_has_not_ended() -> None:
    told = Told()
    told.begin("PUT", "/change")
    told.end(told.begin("GET", "/read"))
    assert told.order.close() == 1
    assert told.events == ["doubt", "/read"]


def test_the_parts_that_are_missing_are_those_of_the_request_and_of_its_end() -> None:
    found: list[ProxiedExchange] = []
    order = ExchangeOrder(Listeners(found.append, lambda: None), "http://a.test")
    number = order.begin(Request("PUT", "/change"), frozenset({"request.body"}))
    order.end(number, ExchangeEnd(Response(200), frozenset({"response.body"})))
    assert found[0].exchange.missing == {"request.body", "response.body"}
