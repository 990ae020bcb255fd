"""The little of SIP's grammar a phone must write or read itself (RFC 3261, section 25.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from ivr.errors import IvrError

KEYS = "0123456789*#ABCD"

# "unreserved" and "user-unreserved" of RFC 3261; letters and digits are quote()'s own.
# Everything else in a user part is percent-encoded, which is the only way it may be written.
_USER_MAY_HOLD = "-_.!~*'()&=+$,;?/"
_NAME_AND_ADDRESS = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*))\s*<([^>]*)>')
_HEADER_LIMIT = 200


@dataclass(frozen=True)
class Invite:
    """What an INVITE tells of its caller: both names as she wrote them, and every X- header."""

    name: str
    number: str
    headers: Mapping[str, str]


def name_and_address(user: str, name: str | None, host: str) -> str:
    """Return what stands in a From header for `user`, shown as `name`.

    An empty user gives the address of the host alone. Raises IvrError when `name` holds a
    control character, which no quoting can carry.
    """
    uri = f"sip:{quote(user, safe=_USER_MAY_HOLD)}@{host}" if user else f"sip:{host}"
    if name is None:
        return f"<{uri}>"
    if any(ord(char) < 32 or ord(char) == 127 for char in name):
        raise IvrError(f"the display name {name!r} holds a control character")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{uri}>'


def check_keys(keys: str) -> str:
    """Return the keys in capitals; raises IvrError for one that no telephone has."""
    for place, key in enumerate(keys, start=1):
        if key.upper() not in KEYS:
            raise IvrError(
                f"{key!r} (number {place} of {keys!r}) is not a key of a telephone; it has {KEYS}"
            )
    return keys.upper()


def read_invite(message: str) -> Invite:
    """Return the caller and the X- headers of an INVITE as it came off the wire.

    Never raises: what cannot be read is empty. At most 200 header lines are looked at.
    """
    head = re.sub(r"\r?\n[ \t]+", " ", message.partition("\r\n\r\n")[0])
    sender, headers = "", {}
    for line in head.splitlines()[1 : _HEADER_LIMIT + 1]:
        name, _, value = (part.strip() for part in line.partition(":"))
        if name.lower() in ("from", "f"):
            sender = value
        elif name.lower().startswith("x-"):
            headers[name] = value
    found = _NAME_AND_ADDRESS.match(sender)
    if found is None:
        return Invite("", _user_of(sender.partition(";")[0]), headers)
    quoted, plain, address = found.groups()
    shown = plain.strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return Invite(shown, _user_of(address), headers)


def _user_of(address: str) -> str:
    scheme, _, rest = address.strip().partition(":")
    if scheme.lower() == "tel":
        return unquote(rest.partition(";")[0])
    user, at, _ = rest.rpartition("@")
    return unquote(user.partition(":")[0]) if at else ""
