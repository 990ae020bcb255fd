"""What Asterisk says over AGI: the events, the faults, and how one line is read.

Nothing here trusts the other side: a caller id may hold control characters, so every number in
a line has a bound and every name is a known one.

    IvrError
    ├── LocalError      our side broke the protocol: a bug of ours, loud
    ├── RemoteError     the other side broke it: final for this connection
    └── LineLost        the caller or the switch has gone: normal, quiet
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from ivr.errors import IvrError

# launch_netscript and setup_env of res_agi.c write these for every call, in this order.
ALWAYS_SENT = (
    "network",
    "request",
    "channel",
    "language",
    "type",
    "uniqueid",
    "version",
    "callerid",
    "calleridname",
    "callingpres",
    "callingani2",
    "callington",
    "callingtns",
    "dnid",
    "rdnis",
    "context",
    "extension",
    "priority",
    "enhanced",
    "accountcode",
    "threadid",
)
# A script, when the address names one, and the further arguments of AGI(): at most MAX_ARGS.
_SOMETIMES_SENT = re.compile(r"network_script|arg_(?:[1-9]|[1-9][0-9]|1[01][0-9]|12[0-7])")
_VARIABLE = re.compile(r"agi_([a-z0-9_]+): (.*)")
# The value of a variable is written raw between the parentheses and may hold parentheses itself,
# even ") endpos=1"; its line ends in ")" and one with endpos does not, so only the whole line
# (fullmatch) tells them apart.
# GOSUB says in words how it went (handle_gosub in app_stack.c); its result says as much.
_RESULT = re.compile(
    r"200 result=(\S*)(?: \((.*)\)| Gosub [a-z ]+(?:\(abnormal exit\))?)?"
    r"(?: endpos=(-?[0-9]{1,18}))?"
)
_REFUSAL = re.compile(r"(510|511|520) .*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class LocalError(IvrError):
    """Our side broke the protocol; nothing was sent. The text never repeats the words sent."""


class RemoteError(IvrError):
    """The other side broke the protocol; the connection is of no more use.

    The text never repeats what stood in a reply, which may be a caller's secret.
    """


class LineLost(IvrError):
    """The caller has hung up, or the switch has closed the connection."""


@dataclass(frozen=True)
class Preamble:
    """A call has come; `variables` are its headers without their `agi_`."""

    variables: Mapping[str, str]

    @property
    def script(self) -> str:
        """The path the dialplan asked for: `hotline` of `agi://host/hotline?from=1`, or ''."""
        path, _, _ = self.variables.get("network_script", "").partition("?")
        return path.strip("/")

    @property
    def query(self) -> Mapping[str, str]:
        """What stands after the path's question mark; of a name given twice, the first value."""
        _, _, query = self.variables.get("network_script", "").partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        return {_tame(name): _tame(value) for name, value in reversed(pairs)}


@dataclass(frozen=True)
class Reply:
    """The answer to the outstanding command.

    `code` is 200, 510 (no such command), 511 (not on a dead channel) or 520 (wrong usage).
    `result` and `note` (what stood in parentheses) are empty when absent; the value of a
    variable is a note. `endpos` is in samples. `text` is all of it, a 520 in several lines.
    """

    code: int
    result: str
    note: str
    endpos: int | None
    text: str


@dataclass(frozen=True)
class HungUp:
    """The caller has hung up. Asterisk says so inline and once more at the end."""


@dataclass(frozen=True)
class Ended:
    """The other side has closed the connection."""


Event = Preamble | Reply | HungUp | Ended


def read_text(line: bytes) -> str:
    """Return the line as text; what is not UTF-8, and control characters, become U+FFFD."""
    return _tame(line.decode("utf-8", "replace"))


def _tame(text: str) -> str:
    # Nothing that is printable is one of them; a pattern looks ten times as long.
    return text if text.isprintable() else _CONTROL.sub("\ufffd", text)


def read_variable(line: str) -> tuple[str, str]:
    """Return name (without `agi_`) and value of one line of the preamble, or raise RemoteError."""
    match = _VARIABLE.fullmatch(line)
    if match is None:
        raise RemoteError(f"the preamble has a line of {len(line)} characters without 'agi_…: '")
    name, value = match.groups()
    if name not in ALWAYS_SENT and not _SOMETIMES_SENT.fullmatch(name):
        raise RemoteError(f"the preamble has 'agi_{name[:40]}', which Asterisk never sends")
    return name, value


def read_reply(line: str) -> Reply:
    """Return the one-line reply, or raise RemoteError."""
    if match := _RESULT.fullmatch(line):
        result, note, endpos = match.groups()
        return Reply(200, result, note or "", None if endpos is None else int(endpos), line)
    if match := _REFUSAL.fullmatch(line):
        return Reply(int(match[1]), "", "", None, line)
    raise RemoteError(f"got a line of {len(line)} characters that is no reply, expected a reply")
