"""Servers of bodies that are not JSON objects: files, text, multipart forms and arrays."""

from tests.catalogue.server import Server
from tests.catalogue.ways import Member, correct, crashing, keeping, lax, on, wrong
from tests.support.servers.serving import Answer, Asked


def as_text(server: Server, asked: Asked) -> Answer:
    """Files are kept as UTF-8, which most are not."""
    return server.right(asked._replace(sent=asked.sent.decode("utf-8", "replace").encode()))


def cut(server: Server, asked: Asked) -> Answer:
    return server.right(asked._replace(sent=asked.sent[:20]))


def first_only(server: Server, asked: Asked) -> Answer:
    """A second file does not take the place of the first."""
    return Answer(204) if "/".join(asked.path) in server.memory else server.right(asked)


def in_ascii(server: Server, asked: Asked) -> Answer:
    return server.right(asked._replace(sent=asked.sent.decode().encode("ascii", "replace")))


def for_any_album(server: Server, asked: Asked) -> Answer:
    """An upload is accepted, whether there is an album or not."""
    server.right(asked)
    return Answer(204)


def with_body(server: Server, asked: Asked) -> Answer:
    """Only a part of an array is taken."""
    return Answer(200, {"accepted": 0})


def without_body_too(server: Server, asked: Asked, answer: Answer) -> Answer:
    """What should have a body is taken without one."""
    is_meant = server.operation_id(asked) == "createSamples" and not asked.sent
    return Answer(200, {"accepted": 0}) if is_meant else answer


def under_any_type(server: Server, asked: Asked, answer: Answer) -> Answer:
    is_meant = server.operation_id(asked) == "putCover" and answer.status == 415
    return Answer(204) if is_meant else answer


def recoded(answer: Answer) -> Answer:
    """The same picture with a comment in it."""
    return answer._replace(body=answer.body + b"recoded")


def without_last_newline(answer: Answer) -> Answer:
    return answer._replace(body=answer.body.rstrip())


DEFECTS: tuple[Member, ...] = (
    wrong("albums", "pictures are kept as text", "putCover.read-after-upload", does={"putCover": as_text}),
    wrong("albums", "pictures are cut", "putCover.read-after-upload", does={"putCover": cut}),
    wrong("albums", "texts are kept in ASCII", "putStory.read-after-upload", does={"putStory": in_ascii}),
    wrong("albums", "a text is not replaced", "putStory.read-after-upload", does={"putStory": first_only}),
    wrong(
        "albums",
        "uploads to albums that are not there",
        "putCover.unknown-is-404",
        does={"putCover": for_any_album},
    ),
    wrong("albums", "pictures of any type", "putCover.refused-when-invalid", spoil=under_any_type),
    wrong(
        "albums",
        "titles in a form are cut",
        "createTrack.readable-after-create",
        kept=keeping(title=lambda title: title[:20]),
    ),
    wrong(
        "albums",
        "an undocumented 500 for a form",
        "createTrack.answers-as-documented",
        does={"createTrack": crashing()},
    ),
    wrong("samples", "an undocumented 500", "putFirmware.answers-as-documented", does={"putFirmware": crashing()}),
    wrong("samples", "no array is asked for", "createSamples.refused-when-invalid", spoil=without_body_too),
    lax(
        "samples",
        "/components/schemas/Sample/required",
        "createSamples.refused-when-invalid createSample.refused-when-invalid replaceSample.refused-when-invalid",
    ),
)

CORRECT: tuple[Member, ...] = (
    correct("albums", "as it is"),
    correct("albums", "refuses with 422", refused=422),
    correct("albums", "shows pictures encoded anew", spoil=on("getCover", recoded)),
    correct("albums", "keeps texts without the last end of a line", spoil=on("getStory", without_last_newline)),
)
