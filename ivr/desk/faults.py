"""What may go wrong with an action, and what we refuse to send.

IvrError
└── AmiError            the switch did not do, or may not have done, what it was asked
    ├── AmiLost         no link, or it broke before the answer came
    ├── AmiTimeout      no answer in time
    └── AmiRefused      Asterisk said no, or the action must not be sent; nothing was done
        └── AmiDenied   the login was refused
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.errors import IvrError

# Asterisk throws away a line longer than 1,024 bytes and would act on the rest of the message
# (manager.c, inbuf and MESSAGE_LINE_TOO_LONG), and takes 128 headers (manager.h).
LINE_LIMIT = 1000
HEADER_LIMIT = 120


class AmiError(IvrError):
    """The switch did not do, or may not have done, what it was asked over AMI."""


class AmiLost(AmiError):
    """There is no link, or it broke before the answer came: the action may have been done."""


class AmiTimeout(AmiError):
    """No answer in time; the action may have been done, or be done later."""


class AmiRefused(AmiError):
    """Asterisk said no, or the action is such that it must not be sent; nothing was done."""


class AmiDenied(AmiRefused):
    """Asterisk refused the login: user, secret, or address."""


def check(headers: Mapping[str, object]) -> None:
    """Raise AmiRefused unless every header is one line that Asterisk reads whole."""
    count = 0
    for key, given in headers.items():
        for value in given if isinstance(given, list | tuple) else [given]:
            count += 1
            line = f"{key}: {value}"
            if not key or ":" in key or any(char in line for char in "\r\n\0"):
                raise AmiRefused(f"header {key!r} holds a line break, a NUL or a misplaced colon")
            if len(line.encode("utf-8", "replace")) > LINE_LIMIT:
                raise AmiRefused(f"header {key!r} is longer than {LINE_LIMIT} bytes")
    if count > HEADER_LIMIT:
        raise AmiRefused(f"{count} headers, Asterisk takes at most {HEADER_LIMIT}")
