"""AMI bytes to frames, without I/O and without trust.

What callers send ends up in events, and a caller's number may hold anything. So a frame counts
only when it looks like one Asterisk makes; any other is dropped and counted, never repaired.
"""

from __future__ import annotations

from ivr.errors import IvrError

# The longest frame app_queue makes has 19 headers and 350 bytes, a channel event with all its
# variables a few kB. Asterisk itself takes 128 headers a message (manager.h, AST_MAX_MANHEADERS).
LINE_LIMIT = 8 * 1024
HEADER_LIMIT = 200
FRAME_LIMIT = 64 * 1024
# "Asterisk Call Manager/11.0.0" is all a switch says before it is spoken to.
GREETING = b"Asterisk Call Manager/"
GREETING_LIMIT = 256

EOL = b"\r\n"
END = EOL + EOL

# What Asterisk repeats on purpose: the lines of a command's output (manager.c,
# action_command) and the channel variables an operator asked for (manager_channels.c).
REPEATED = frozenset({"output", "variable", "chanvariable", "destchanvariable"})


class NotAsterisk(IvrError):
    """The peer does not greet as an Asterisk Call Manager does."""


class Frames:
    """One link's bytes, cut into frames.

    `version` is the protocol version of the greeting, empty before it came; `distrusted`
    counts the frames dropped so far. Holds at most one frame of `FRAME_LIMIT` bytes.
    """

    def __init__(self) -> None:
        self.version = ""
        self.distrusted = 0
        self._buffer = bytearray()
        self._searched = 0
        self._too_long = False

    def receive(self, received: bytes) -> list[dict[str, str]]:
        """Return the frames that `received` completes, oldest first.

        Keys keep Asterisk's spelling; the values of a repeated header are joined by line
        breaks. Bytes that are no UTF-8 become U+FFFD. Raises NotAsterisk when the stream does
        not begin with the greeting.
        """
        self._buffer += received
        if not self.version and not self._greet():
            return []
        frames = []
        start = 0
        while (end := self._buffer.find(END, max(start, self._searched))) >= 0:
            raw = bytes(self._buffer[start:end]).lstrip(EOL)
            start = end + len(END)
            if self._too_long or len(raw) > FRAME_LIMIT:
                self._too_long = False
                self.distrusted += 1
            elif raw and (frame := parse(raw)) is not None:
                frames.append(frame)
            elif raw:
                self.distrusted += 1
        del self._buffer[:start]
        if len(self._buffer) > FRAME_LIMIT:
            self._too_long = True
            del self._buffer[: 1 - len(END)]
        self._searched = max(0, len(self._buffer) - len(END) + 1)
        return frames

    def _greet(self) -> bool:
        head = bytes(self._buffer[:GREETING_LIMIT])
        line, eol, _ = head.partition(EOL)
        wanted = GREETING if eol else GREETING[: len(line)]
        if not line.startswith(wanted) or (not eol and len(head) == GREETING_LIMIT):
            raise NotAsterisk(f"the peer greets with {line[:40]!r}, expected {GREETING.decode()!r}")
        if eol:
            self.version = line.removeprefix(GREETING).decode("ascii", "replace") or "unknown"
            del self._buffer[: len(line) + len(EOL)]
        return bool(eol)


def parse(raw: bytes) -> dict[str, str] | None:
    """Return one frame's headers in their order, or None where Asterisk would not write it so.

    Distrusted are: a first header that is neither Event nor Response (the tail of a frame that
    a forged one cut off), a header given twice, a line without a key, a lone CR or LF, a NUL,
    a line or a number of headers beyond the limits.
    """
    lines = raw.split(EOL)
    if len(lines) > HEADER_LIMIT or any(len(line) > LINE_LIMIT for line in lines):
        return None
    breaks = len(lines) - 1
    if raw.count(b"\r") != breaks or raw.count(b"\n") != breaks or b"\0" in raw:
        return None
    headers: dict[str, str] = {}
    spelling: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.decode("utf-8", "replace").partition(":")
        if not colon or not key.strip():
            return None
        first = spelling.setdefault(key.lower(), key)
        value = value.removeprefix(" ")
        if first not in headers:
            headers[first] = value
        elif key.lower() in REPEATED:
            headers[first] += "\n" + value
        else:
            return None
    return headers if next(iter(spelling)) in ("event", "response") else None
