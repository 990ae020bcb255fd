"""What digits that a caller types must be, beyond how many they are.

CHECKS["id_card"].holds("11010519491231002X")     # True
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

# The weights of ISO 7064 MOD 11-2 for 17 digits, and its check characters by remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHARACTERS = "10X98765432"


@dataclass(frozen=True)
class Check:
    """A check: what it calls the digits, and whether they are right.

    `length` is how many there must be, None where any number may be right. `star` is what the key
    `*` is typed for, "" where it is no part of them.
    """

    what: str
    holds: Callable[[str], bool]
    length: int | None = None
    star: str = ""


def _is_phone(typed: str) -> bool:
    # Mainland mobile numbers are eleven digits from 13 to 19 (MIIT numbering plan).
    return bool(re.fullmatch(r"1[3-9][0-9]{9}", typed))


def _is_luhn(typed: str) -> bool:
    """Whether the last digit checks the others, as on bank cards (ISO/IEC 7812-1)."""
    if not re.fullmatch(r"[0-9]{2,}", typed):
        return False
    doubled = (2 * int(digit) for digit in typed[-2::-2])
    return not (sum(map(int, typed[::-2])) + sum(n // 10 + n % 10 for n in doubled)) % 10


def _is_id_card(typed: str) -> bool:
    """Whether it is a number of a mainland identity card: GB 11643-1999, with its day of birth."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", typed):
        return False
    try:
        date(int(typed[6:10]), int(typed[10:12]), int(typed[12:14]))
    except ValueError:
        return False
    weighed = sum(int(digit) * weight for digit, weight in zip(typed, _WEIGHTS, strict=False))
    return typed[17] == _CHARACTERS[weighed % 11]


CHECKS: Mapping[str, Check] = {
    "phone": Check("a phone number", _is_phone, 11),
    "luhn": Check("a card number", _is_luhn),
    "id_card": Check("the number of an identity card", _is_id_card, 18, star="X"),
}
