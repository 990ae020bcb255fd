"""What a caller may have typed: each check with its standard, and the value that it is kept as.

    CHECKS["amount"].read("12*50")    # Decimal("12.50"); None for what does not pass

Pure and quick for any input: a pattern of an author is a mask, which cannot run away.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ivr.flow.fields import Word
from ivr.flow.services import Kind
from ivr.flow.source import Wrong
from ivr.lang.limits import FIRST_DAY, LAST_DAY

STAR = "*"
Typed = str | Decimal | date


@dataclass(frozen=True)
class Check:
    """One way to look at keys. `read` returns the value they stand for, None where they do not.

    `kind` is what that value is, and so how it may be said; `digits` is how many keys make one,
    the least and the most; `star` tells what `*` stands for, "" where it is no part of it. With
    `tail` only so many places of its end are read back, for nobody follows the whole.
    """

    read: Callable[[str], Typed | None]
    kind: Kind
    digits: tuple[int, int]
    star: str = ""
    tail: int = 0

    @property
    def read_back(self) -> Kind:
        """The kind that `back` is of."""
        return "tail" if self.tail else self.kind

    def back(self, value: Typed) -> str:
        """Return what a caller hears to make sure of a value, as it is written."""
        return str(value)[-self.tail :]


def any_digits(typed: str) -> str | None:
    """Return digits as they are, whatever they mean."""
    return typed if re.fullmatch(r"[0-9]+", typed) else None


def _phone(typed: str) -> str | None:
    # Mainland mobile numbers are eleven digits from 13 to 19 (MIIT numbering plan).
    return typed if re.fullmatch(r"1[3-9][0-9]{9}", typed) else None


def _day(typed: str) -> date | None:
    if not re.fullmatch(r"[0-9]{8}", typed):
        return None
    try:
        return date(int(typed[:4]), int(typed[4:6]), int(typed[6:]))
    except ValueError:
        return None


def _date(typed: str) -> date | None:
    day = _day(typed)
    return day if day and FIRST_DAY <= day <= LAST_DAY else None


def _amount(typed: str) -> Decimal | None:
    found = re.fullmatch(r"([0-9]{1,10})(?:\*([0-9]{1,2}))?", typed)
    if not found:
        return None
    return Decimal(f"{found[1]}.{found[2] or 0}").quantize(Decimal("0.01"))


# GB 11643-1999: weights 2^(18-i) mod 11, and the characters of ISO 7064 MOD 11-2 by remainder.
_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
_CHARACTERS = "10X98765432"


def _id_card(typed: str) -> str | None:
    written = typed.replace(STAR, "X")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", written) or _day(written[6:14]) is None:
        return None
    weighed = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, written, strict=False))
    return written if written[17] == _CHARACTERS[weighed % 11] else None


def _luhn(typed: str) -> str | None:
    """ISO/IEC 7812-1, annex B: every second digit from the right but the last counts double."""
    if not re.fullmatch(r"[0-9]{2,}", typed):
        return None
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(typed)))
    return None if sum(part // 10 + part % 10 for part in doubled) % 10 else typed


CHECKS = {
    "phone": Check(_phone, "digits", (11, 11)),
    "date": Check(_date, "date", (8, 8)),
    # As many units as money can be said in; 10 digits, the point, two places.
    "amount": Check(_amount, "money", (1, 13), "the decimal point"),
    "id_card": Check(_id_card, "text", (18, 18), "X", tail=4),
    # The shortest card numbers of ISO/IEC 7812 have 8 digits, the longest 19.
    "luhn": Check(_luhn, "digits", (8, 19)),
}
"""The checks that `check` names."""


class Mask(Word):
    """Digits that must stand there, and `x` for any: `8613xxxxxxxxx`."""

    @classmethod
    def check(cls, text: str) -> None:
        if not re.fullmatch(r"[0-9x]{1,32}", text):
            raise Wrong(
                f"a pattern holds digits, and x for any digit, such as 400xxxxxxx; this is '{text}'"
            )

    def read(self, typed: str) -> str | None:
        """Return the digits where they have its own in its places."""
        fits = len(typed) == len(self) and all(
            mine in ("x", key) for mine, key in zip(self, typed, strict=True)
        )
        return any_digits(typed) if fits else None
