"""Servers of conditional and repeated requests: entity tags (RFC 9110 section 13) and idempotency keys."""

from collections.abc import Callable

from tests.catalogue.server import Server
from tests.catalogue.ways import Member, any_body, correct, wrong
from tests.support.servers.serving import Answer, Asked

Does = Callable[[Server, Asked], Answer]


def not_reading(header: str) -> Does:
    """The right answer to a request without one of its headers."""

    def does(server: Server, asked: Asked) -> Answer:
        headers = {name: value for name, value in asked.headers.items() if name != header}
        return server.right(asked._replace(headers=headers))

    return does


def refusing_any(header: str) -> Does:
    """412 to whatever stands in a header."""
    return lambda server, asked: server.problem(412) if header in asked.headers else server.right(asked)


def refused_but_done(server: Server, asked: Asked) -> Answer:
    """412 to an outdated tag, although the change is made."""
    answer = server.right(asked)
    if answer.status != 412:
        return answer
    server.right(asked._replace(headers={}))
    return answer


def any_version(server: Server, asked: Asked) -> Answer:
    """Any tag that the item ever had is taken for the current one."""
    sent, number = asked.headers.get("if-match", ""), server.versions.get(asked.path, 0)
    is_known = any(sent == server.ways.tag(f"{'-'.join(asked.path)}-{one}") for one in range(1, number + 1))
    return not_reading("if-match")(server, asked) if is_known else server.right(asked)


def always_unchanged(server: Server, asked: Asked) -> Answer:
    """304 to whatever tag is sent."""
    is_asked = "if-none-match" in asked.headers and asked.path in server.items
    return Answer(304, headers={"ETag": '"x"'}) if is_asked else server.right(asked)


def strongly_compared(server: Server, asked: Asked) -> Answer:
    """Weak tags never match in If-Match (RFC 9110 section 8.8.3.2)."""
    is_weak = asked.headers.get("if-match", "").startswith("W/")
    return server.problem(412) if is_weak else server.right(asked)


def of_the_item(text: str) -> str:
    """A tag that all versions of an item have."""
    return f'"{text.rpartition("-")[0]}"'


def weak_of_the_second(text: str) -> str:
    """A weak tag that does not change within a second."""
    return f"W/{of_the_item(text)}"


def refused_again(server: Server, asked: Asked) -> Answer:
    """409 to a key that was sent before."""
    return server.problem(409) if asked.headers.get("idempotency-key") in server.answered else server.right(asked)


def created_but_answered_as_before(server: Server, asked: Asked) -> Answer:
    """The stored answer to a key, although another item is made."""
    stored = server.answered.get(asked.headers.get("idempotency-key", ""))
    if stored is None:
        return server.right(asked)
    not_reading("idempotency-key")(server, asked)
    return stored[1]


def created_for_another_body(server: Server, asked: Asked) -> Answer:
    """A new item where the body is another one."""
    sent, _ = server.answered.get(asked.headers.get("idempotency-key", ""), (asked.sent, None))
    return server.right(asked) if sent == asked.sent else not_reading("idempotency-key")(server, asked)


DEFECTS: tuple[Member, ...] = (
    wrong("articles", "the tag never changes", "getArticle.304-only-if-unchanged", tag=of_the_item),
    wrong(
        "articles",
        "304 to any tag",
        "getArticle.304-only-if-unchanged",
        does={"getArticle": always_unchanged},
    ),
    wrong(
        "articles",
        "a replacement ignores If-Match",
        "replaceArticle.refused-when-stale",
        does={"replaceArticle": not_reading("if-match")},
    ),
    wrong(
        "articles",
        "a deletion ignores If-Match",
        "deleteArticle.refused-when-stale",
        does={"deleteArticle": not_reading("if-match")},
    ),
    wrong(
        "articles",
        "412 to the current tag too",
        "replaceArticle.refused-when-stale",
        does={"replaceArticle": refusing_any("if-match")},
    ),
    wrong(
        "articles",
        "what is refused with 412 is done",
        "replaceArticle.refused-when-stale",
        does={"replaceArticle": refused_but_done},
    ),
    wrong(
        "articles",
        "outdated tags are taken",
        "replaceArticle.refused-when-stale",
        does={"replaceArticle": any_version},
    ),
    wrong(
        "articles",
        "outdated tags delete",
        "deleteArticle.refused-when-stale",
        does={"deleteArticle": any_version},
    ),
    wrong(
        "drafts",
        "PATCH ignores If-Match",
        "changeDraft.refused-when-stale",
        does={"changeDraft": not_reading("if-match")},
    ),
    wrong(
        "drafts",
        "If-None-Match does not keep what is there",
        "putDraft.refused-when-there",
        does={"putDraft": not_reading("if-none-match")},
    ),
    wrong(
        "drafts",
        "If-None-Match lets nothing be made",
        "putDraft.refused-when-there",
        does={"putDraft": refusing_any("if-none-match")},
    ),
    wrong(
        "payments",
        "a key is not looked at",
        "createPayment.created-once",
        does={"createPayment": not_reading("idempotency-key")},
    ),
    wrong(
        "payments",
        "a stored answer hides another item",
        "createPayment.created-once",
        does={"createPayment": created_but_answered_as_before},
    ),
)

CORRECT: tuple[Member, ...] = (
    correct("drafts", "as it is"),
    correct("drafts", "has weak tags", tag=lambda text: f'W/"{text}"'),
    correct("drafts", "answers 410 for what is not there", unknown=410),
    correct("articles", "has weak tags", tag=lambda text: f'W/"{text}"'),
    correct("articles", "has weak tags that last a second", tag=weak_of_the_second),
    correct(
        "articles",
        "has weak tags that match no If-Match",
        tag=lambda text: f'W/"{text}"',
        does={"replaceArticle": strongly_compared, "deleteArticle": strongly_compared},
    ),
    correct("articles", "asks for a tag with 428", needs_tag=True),
    correct(
        "articles",
        "never answers 304",
        does={"getArticle": not_reading("if-none-match")},
    ),
    correct(
        "payments",
        "refuses another body for a key with 409",
        spoil=lambda server, asked, answer: answer._replace(status=409) if answer.status == 422 else answer,
    ),
    correct("payments", "replays a stored answer for a key with any body", does={"createPayment": any_body}),
    correct("payments", "refuses a key that comes again", does={"createPayment": refused_again}),
    correct("payments", "makes another item of another body", does={"createPayment": created_for_another_body}),
)
