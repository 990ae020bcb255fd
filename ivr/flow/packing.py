"""Packing: whatever a call holds as text that a channel variable holds, and back.

The text has letters, digits and `_*#+/.~=-` only: no switch takes any of them for its own. What is
not made of these is in base64, and deflated where it is long.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

from ivr.errors import IvrError

_PLAIN = re.compile(r"[0-9A-Za-z_*#+/.-]*")
# A text that is deflated may not be larger than anybody would announce.
_LONGEST = 200_000
# Bytes: below, a tenth is all that deflating would save.
_SHORT = 200
# Of zlib's 8 by default, which clears 256 kB each time: 45 us for a text of 120 letters, and 3 so.
_MEMORY = 4
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Unreadable(IvrError):
    """This is no text that was made here."""


def number(count: int) -> str:
    """Return a number in few letters."""
    sign, count, text = "-" if count < 0 else "", abs(count), ""
    while count:
        count, digit = divmod(count, 36)
        text = _DIGITS[digit] + text
    return sign + (text or "0")


def packed(content: Any) -> str:
    """Return what JSON can tell, as text. `unpacked` reads it."""
    told = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if len(told) < _SHORT:
        return f"j{_base64(told)}"
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -12, _MEMORY)
    small = squeezed.compress(told) + squeezed.flush()
    return f"z{_base64(small)}" if len(small) < len(told) else f"j{_base64(told)}"


def unpacked(text: str) -> Any:
    """Return what was packed. Raises Unreadable."""
    try:
        told = _bytes(text[1:])
        if text[:1] == "z":
            told = zlib.decompressobj(-15).decompress(told, _LONGEST)
        return json.loads(told)
    except (ValueError, zlib.error, RecursionError) as fault:
        raise Unreadable(f"nothing that was packed: {type(fault).__name__}") from None


def joined(*fields: Any) -> str:
    """Return fields as one text, whatever they hold. `parted` reads it."""
    return "~".join(plain(str(field)) for field in fields)


def parted(text: str) -> list[str]:
    """Return the fields that were joined. Raises ValueError."""
    return [_field(part) for part in text.split("~")]


def plain(field: str) -> str:
    """Return one field as text."""
    return field if _PLAIN.fullmatch(field) else "=" + _base64(field.encode("utf-8", "replace"))


def _field(text: str) -> str:
    return _bytes(text[1:]).decode() if text.startswith("=") else text


def _base64(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    if not re.fullmatch(r"[0-9A-Za-z_-]*", text):
        raise ValueError("this is no base64")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
