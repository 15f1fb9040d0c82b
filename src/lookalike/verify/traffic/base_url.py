"""The base URL of recorded traffic: where the operations of a document are, and which exchanges are below it."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from lookalike.contract.contract import Contract
from lookalike.contract.overlapping import OverlappingOperations, by_route
from lookalike.contract.routing import Router
from lookalike.http import ObservedExchange


class BaseUrl(NamedTuple):
    """The place of the operations of a document: an origin, and the path before theirs."""

    origin: str
    path: str

    def below(self, exchange: ObservedExchange) -> str | None:
        """The path of an exchange below the base, or None where it is elsewhere."""
        path = exchange.request.path
        if exchange.origin != self.origin or not path.startswith(f"{self.path}/"):
            return None
        return path[len(self.path) :]


def base_of(contract: Contract, exchanges: Iterable[ObservedExchange], url: str = "") -> BaseUrl:
    """The place of the operations of a contract: a URL, or else the origin with most exchanges of its operations.

    The origin is empty where there is no such exchange.
    """
    if url:
        scheme, _, rest = url.rstrip("/").partition("://")
        host, slash, path = rest.partition("/")
        return BaseUrl(f"{scheme}://{host}", f"{slash}{path}")
    router, path = router_of(contract), contract.base_path.rstrip("/")
    origins: Counter[str] = Counter()
    for one in exchanges:
        below = BaseUrl(one.origin, path).below(one)
        match = router.match(below) if below is not None else None
        origins[one.origin] += match is not None and one.request.method in match.target
    most = origins.most_common(1)
    return BaseUrl(most[0][0] if most and most[0][1] else "", path)


def router_of(contract: Contract) -> Router[dict[str, OverlappingOperations]]:
    """The routes of the operations below the base path of a contract."""
    own = [(one.path, one) for one in contract.operations if one.base_path == contract.base_path]
    return Router(by_route(own).items())
