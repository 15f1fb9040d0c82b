"""The states of an HTTP/1.1 connection, and the tables of the transitions between them.

A connection has two sides that move on their own, since requests may be pipelined (RFC 9112 section 9.3.2): the next
request is read while the response to an earlier one is still to come.

`ReadState` is where the parser is in the stream of requests. A request that is refused before it has ended, one that
ends the connection, and the end of the stream all lead to `ENDED`, and nothing leads out of it. The two states LAST_…
are those of a server that is about to stop: the request that has begun is the last.

`WriteState` is what the next response waits for. Only from `IDLE` a response is scheduled, so there is never more than
one batch of responses ahead of a client that takes none.

The connection is closed once reading has `ENDED` and writing is `IDLE`: no request is to come, and all were answered.

An event has a row in a table, from each state in which it can occur to the one that follows. A state that is not in
the row is a defect of ours, and raises KeyError. Members of an IntEnum are found in a dictionary as fast as integers;
those of a plain Enum take ten times as long, and there are six transitions for a request.
"""

from collections.abc import Mapping
from enum import Enum, IntEnum, auto


class ReadState(IntEnum):
    """The place of the parser in the stream of requests."""

    IDLE = auto()  # before a request
    HEAD = auto()
    BODY = auto()
    LAST_HEAD = auto()  # of a request after which none is read
    LAST_BODY = auto()
    ENDED = auto()  # no further request is read


class ReadEvent(Enum):
    """An event on the side of requests."""

    BEGUN = auto()  # the first line of a request
    HEAD_READ = auto()
    REQUEST_READ = auto()  # the whole request
    LAST_REQUEST_READ = auto()  # the whole request, and it says that it is the last (RFC 9112 section 9.6)
    REREAD = auto()  # the same request is parsed again, without its wish to upgrade
    REFUSED = auto()  # the request is answered before it has ended
    STOPPING = auto()  # the server is about to stop
    STREAM_ENDED = auto()  # the client sends no more, or is gone


class WriteState(IntEnum):
    """The event that the next response waits for."""

    IDLE = auto()  # a request
    SCHEDULED = auto()  # its turn in the event loop
    DELAYED = auto()  # the end of a delay that a response has
    BLOCKED = auto()  # the client, which does not take what was written
    DELAYED_BLOCKED = auto()  # both
    ENDED = auto()  # nothing: the last response was sent, or the client is gone


class WriteEvent(Enum):
    """An event on the side of responses."""

    SCHEDULED = auto()
    DECIDED = auto()  # the responses of a turn are about to be written
    DELAYED = auto()  # the latest of them has a delay
    DELAY_OVER = auto()
    BLOCKED = auto()  # the buffer of the transport is full
    UNBLOCKED = auto()
    ENDED = auto()  # the last response was sent, or the client is gone


READING: Mapping[ReadEvent, Mapping[ReadState, ReadState]] = {
    ReadEvent.BEGUN: {
        ReadState.IDLE: ReadState.HEAD,
        ReadState.HEAD: ReadState.HEAD,
        ReadState.LAST_HEAD: ReadState.LAST_HEAD,
        ReadState.ENDED: ReadState.ENDED,  # the parser goes on to the end of what it was given
    },
    ReadEvent.HEAD_READ: {
        ReadState.HEAD: ReadState.BODY,
        ReadState.LAST_HEAD: ReadState.LAST_BODY,
        ReadState.ENDED: ReadState.ENDED,
    },
    ReadEvent.REQUEST_READ: {
        ReadState.BODY: ReadState.IDLE,
        ReadState.LAST_BODY: ReadState.ENDED,
        ReadState.ENDED: ReadState.ENDED,
    },
    ReadEvent.LAST_REQUEST_READ: {
        ReadState.BODY: ReadState.ENDED,
        ReadState.LAST_BODY: ReadState.ENDED,
        ReadState.ENDED: ReadState.ENDED,
    },
    ReadEvent.REREAD: {
        ReadState.BODY: ReadState.HEAD,
        ReadState.LAST_BODY: ReadState.LAST_HEAD,
    },
    ReadEvent.REFUSED: dict.fromkeys(ReadState, ReadState.ENDED),
    ReadEvent.STOPPING: {
        ReadState.IDLE: ReadState.ENDED,
        ReadState.HEAD: ReadState.LAST_HEAD,
        ReadState.BODY: ReadState.LAST_BODY,
        ReadState.LAST_HEAD: ReadState.LAST_HEAD,
        ReadState.LAST_BODY: ReadState.LAST_BODY,
        ReadState.ENDED: ReadState.ENDED,
    },
    ReadEvent.STREAM_ENDED: dict.fromkeys(ReadState, ReadState.ENDED),
}

WRITING: Mapping[WriteEvent, Mapping[WriteState, WriteState]] = {
    WriteEvent.SCHEDULED: {WriteState.IDLE: WriteState.SCHEDULED},
    WriteEvent.DECIDED: {
        WriteState.SCHEDULED: WriteState.IDLE,
        WriteState.ENDED: WriteState.ENDED,  # the client went before its turn came
    },
    WriteEvent.DELAYED: {
        WriteState.IDLE: WriteState.DELAYED,
        WriteState.BLOCKED: WriteState.DELAYED_BLOCKED,
        WriteState.ENDED: WriteState.ENDED,
    },
    WriteEvent.DELAY_OVER: {
        WriteState.DELAYED: WriteState.IDLE,
        WriteState.DELAYED_BLOCKED: WriteState.BLOCKED,
    },
    WriteEvent.BLOCKED: {
        WriteState.IDLE: WriteState.BLOCKED,
        WriteState.DELAYED: WriteState.DELAYED_BLOCKED,
        WriteState.ENDED: WriteState.ENDED,
    },
    WriteEvent.UNBLOCKED: {
        WriteState.BLOCKED: WriteState.IDLE,
        WriteState.DELAYED_BLOCKED: WriteState.DELAYED,
        WriteState.ENDED: WriteState.ENDED,
    },
    WriteEvent.ENDED: dict.fromkeys(WriteState, WriteState.ENDED),
}
