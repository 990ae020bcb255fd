"""Money in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from ivr.lang.english_numbers import HUNDREDS, READ, USUAL, small, spell, whole
from ivr.lang.language import Phrases, Saying, glue
from ivr.lang.limits import checked_currency, checked_money


@dataclass(frozen=True)
class Currency:
    """How amounts of one currency are said."""

    land: str
    """Said before the unit, with a space behind it; empty where the unit alone tells enough."""
    unit: tuple[str, str]
    """One, and more."""
    hundredth: tuple[str, str]
    together: Sequence[str]
    """The numbers that share a breath with the unit."""

    def units(self, count: int) -> str:
        """Return the unit as it stands after the count."""
        return self.land + self.unit[count != 1]

    def hundredths(self, count: int) -> str:
        """Return what hundredths are called where no units are said before them."""
        return self.land + self.hundredth[count != 1]

    def change(self, count: int) -> str:
        """Return the hundredths as they are said after the units."""
        return f"and {small(count)} {self.hundredth[count != 1]}"

    @cached_property
    def words(self) -> frozenset[str]:
        """Every phrase of an amount that ends in a unit."""
        units = {f"{count} {self.units(2)}" for count in self.together if count != "one"}
        alone = {f"one {self.hundredths(1)}", self.hundredths(2)}
        change = {self.change(count) for count in range(1, 100)}
        if not self.land:  # at home amounts below a yuan are heard every day
            alone = {f"{small(count)} {self.hundredths(count)}" for count in range(1, 100)}
        return frozenset({f"one {self.units(1)}", self.units(2)} | units | alone | change)


_DOLLAR, _CENT = ("dollar", "dollars"), ("cent", "cents")
CURRENCIES = {
    # Neither yuan nor fen has a plural.
    "CNY": Currency("", ("yuan",) * 2, ("fen",) * 2, (*map(small, range(100)), *HUNDREDS)),
    "HKD": Currency("Hong Kong ", _DOLLAR, _CENT, USUAL),
    # Letters apart, so that a voice spells them and does not say "us".
    "USD": Currency("U S ", _DOLLAR, _CENT, USUAL),
}


def _money(amount: Decimal, code: str, careful: bool) -> Phrases:
    owed, units, hundredths = checked_money(amount)
    currency = CURRENCIES[checked_currency(code)]
    if careful and (units > 9 or hundredths):
        spelt = spell(units, f"{hundredths:02d}" if hundredths else "")
        phrases = glue(spelt, currency.units(2), currency.words, " ")
    elif hundredths and not units:  # below one yuan the yuan are not said
        unit = currency.hundredths(hundredths)
        phrases = glue([small(hundredths)], unit, currency.words, " ")
    else:
        phrases = glue(whole(units), currency.units(units), currency.words, " ")
        phrases += [currency.change(hundredths)] if hundredths else []
    return (*phrases, "owing") if owed else tuple(phrases)


def _words(code: str) -> frozenset[str]:
    return READ | CURRENCIES[checked_currency(code)].words | {"owing"}


SAYINGS = {"money": Saying(_money, _words, checked_currency)}
