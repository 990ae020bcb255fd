"""The AGI protocol as a table, with no I/O: bytes in, events out, bytes to send.

    agi.receive_data(data)                  # whatever the socket gave, in any pieces
    for event in agi.events_received(): ...
    agi.send(stream_file("yue/welcome"))
    for data in agi.data_to_send(): ...     # to the socket

Asterisk has one command outstanding at most, says HANGUP whenever it likes, and goes on
answering commands on the dead channel (run_agi in res_agi.c). Everything it sends is bounded.
"""

from __future__ import annotations

import enum
from collections.abc import Generator, Mapping

from ivr.wire.agi_commands import (
    Command,
    Expression,
    answer,
    encode,
    execute,
    get_full_variable,
    get_variable,
    gosub,
    hangup,
    record_file,
    set_variable,
    setting,
    stream_file,
)
from ivr.wire.agi_events import (
    ALWAYS_SENT,
    Ended,
    Event,
    HungUp,
    LineLost,
    LocalError,
    Preamble,
    RemoteError,
    Reply,
    read_reply,
    read_text,
    read_variable,
)

__all__ = [
    "Agi",
    "Command",
    "Ended",
    "Event",
    "Expression",
    "HungUp",
    "LineLost",
    "LocalError",
    "Preamble",
    "RemoteError",
    "Reply",
    "State",
    "answer",
    "encode",
    "execute",
    "get_full_variable",
    "get_variable",
    "gosub",
    "hangup",
    "record_file",
    "set_variable",
    "setting",
    "stream_file",
]

# A line with its break. Asterisk takes 8192 bytes, but sends as many as there are (ast_agi_send of
# res_agi.c): one reply may hold a call's whole journal (ivr/flow/journal.py).
LONGEST_LINE = 64 * 1024
# Asterisk sends 21 or 22 lines, and one for each argument of AGI().
PREAMBLE_LINES = 64
PREAMBLE_CHARACTERS = 16 * 1024
# Bytes that are taken apart at once: a preamble has a thousand.
_AT_ONCE = 4096
USAGE_LINES = 1000
USAGE_CHARACTERS = 64 * 1024


class State(enum.StrEnum):
    """Where a conversation stands."""

    PREAMBLE = "preamble"
    READY = "ready"
    WAITING = "waiting"
    DEAD = "dead"
    DEAD_WAITING = "dead, waiting"
    CLOSED = "closed"


# What may happen in each state, and the state it leads to; what is missing here is an error.
TRANSITIONS: Mapping[State, Mapping[type[Event | Command], State]] = {
    State.PREAMBLE: {Preamble: State.READY, Ended: State.CLOSED},
    State.READY: {Command: State.WAITING, HungUp: State.DEAD, Ended: State.CLOSED},
    State.WAITING: {Reply: State.READY, HungUp: State.DEAD_WAITING, Ended: State.CLOSED},
    State.DEAD: {Command: State.DEAD_WAITING, HungUp: State.DEAD, Ended: State.CLOSED},
    State.DEAD_WAITING: {Reply: State.DEAD, HungUp: State.DEAD_WAITING, Ended: State.CLOSED},
    State.CLOSED: {},
}


class Agi:
    """The protocol of one call.

    `state` says where it stands. When the other side breaks the protocol, `error` holds why,
    the state is CLOSED for good, and only the events before the fault are given out.
    """

    def __init__(self) -> None:
        self.state = State.PREAMBLE
        self.error: RemoteError | None = None
        self._events: list[Event] = []
        self._to_send: list[bytes] = []
        self._buffer = bytearray()
        self._searched = 0
        self._lines = self._converse()
        next(self._lines)

    def receive_data(self, data: bytes) -> None:
        """Take in what the other side sent. Never raises; a fault is left in `error`."""
        if self.state is State.CLOSED:
            return
        try:
            if not self._buffer and data.endswith(b"\n") and len(data) <= _AT_ONCE:  # as a rule
                for whole in data[:-1].split(b"\n"):
                    self._take(whole)
                return
            self._buffer += data
            while (part := self._next_line()) is not None:
                self._take(part)
        except RemoteError as error:
            self.error = error
            self.state = State.CLOSED
            self._buffer.clear()

    def receive_eof(self) -> None:
        """Take in that the other side has closed; half a line is dropped. Never raises."""
        if self.state is not State.CLOSED:
            self._happen(Ended())
            self._buffer.clear()
            self._lines.close()  # it holds us

    def events_received(self) -> list[Event]:
        """Return what has happened since the last time this was asked."""
        events, self._events = self._events, []
        return events

    def send(self, command: Command) -> None:
        """Put a command in line for `data_to_send`.

        Raises LocalError, and sends nothing, before the preamble has come, while another
        command is outstanding, and after the end.
        """
        if Command not in TRANSITIONS[self.state]:
            raise LocalError(f"cannot send a command while the line is {self.state.value}")
        self.state = TRANSITIONS[self.state][Command]
        self._to_send.append(command)

    def data_to_send(self) -> list[bytes]:
        """Return what is to be written to the other side, and forget it."""
        data, self._to_send = self._to_send, []
        return data

    def _happen(self, event: Event) -> None:
        self.state = TRANSITIONS[self.state][type(event)]
        self._events.append(event)

    def _take(self, line: bytes) -> None:
        if len(line) >= LONGEST_LINE:
            raise _too_long()
        self._lines.send(read_text(line))

    def _next_line(self) -> bytes | None:
        """Take one whole line out of the buffer; None when there is none yet."""
        end = self._buffer.find(b"\n", self._searched)
        self._searched = len(self._buffer)
        if end < 0:
            if self._searched >= LONGEST_LINE:
                raise _too_long()
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._searched = 0
        return line

    def _converse(self) -> Generator[None, str, None]:
        """Read all that Asterisk says in one call, given line by line."""
        self._happen(Preamble((yield from _read_preamble())))
        while True:
            line = yield
            if line == "HANGUP":
                self._happen(HungUp())
            elif Reply not in TRANSITIONS[self.state]:
                raise RemoteError(f"got a line of {len(line)} characters, expected none")
            elif line.startswith("520-"):
                usage = yield from _read_usage(line)
                self._happen(Reply(520, "", "", None, usage))
            elif not line.startswith("100 "):  # "100 Trying": the reply is still to come
                self._happen(read_reply(line))


def _too_long() -> RemoteError:
    return RemoteError(f"got a line longer than {LONGEST_LINE} bytes")


def _read_preamble() -> Generator[None, str, Mapping[str, str]]:
    variables: dict[str, str] = {}
    characters = 0
    while line := (yield):
        characters += len(line)
        if len(variables) == PREAMBLE_LINES or characters > PREAMBLE_CHARACTERS:
            raise RemoteError(
                f"the preamble has more than {PREAMBLE_LINES} lines"
                f" or {PREAMBLE_CHARACTERS} characters"
            )
        name, value = read_variable(line)
        if name in variables:
            raise RemoteError(f"the preamble has 'agi_{name}' twice")
        variables[name] = value
    # A preamble that lacks what Asterisk always says is not whole, whatever ended it.
    if missing := [name for name in ALWAYS_SENT if name not in variables]:
        raise RemoteError(f"the preamble ends without 'agi_{missing[0]}'")
    return variables


def _read_usage(first: str) -> Generator[None, str, str]:
    lines = [first]
    characters = len(first)
    while not lines[-1].startswith("520 "):
        lines.append((yield))
        characters += len(lines[-1])
        if len(lines) > USAGE_LINES or characters > USAGE_CHARACTERS:
            raise RemoteError(
                f"a usage has more than {USAGE_LINES} lines or {USAGE_CHARACTERS} characters"
            )
    return "\n".join(lines)
