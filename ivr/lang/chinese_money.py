"""Money in the Chinese languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from ivr.lang.chinese_numbers import ChineseNumbers
from ivr.lang.language import Phrases, Saying, glue
from ivr.lang.limits import checked_currency, checked_money
from ivr.lang.numerals import DIGITS, TENS, Numerals


@dataclass(frozen=True)
class Coins:
    """A currency said in units, tenths and hundredths: 元角分, 蚊毫仙."""

    numerals: Numerals
    name: str
    """Said before the amount; empty for the currency that needs no name."""
    unit: str
    tenth: str
    hundredth: str
    half: str
    """Said for five hundredths after a tenth; empty where nobody says it."""

    def change(self, hundredths: int, after_units: bool) -> list[str]:
        """Say what is less than one unit: nothing for 0."""
        tenths, ones = divmod(hundredths, 10)
        phrases = [f"{self.numerals.count(tenths)}{self.tenth}"] if tenths else []
        if not ones:
            return phrases
        if tenths and ones == 5 and self.half:
            return [f"{phrases[0]}{self.half}"]
        # The empty place after the yuan is heard, and after 零 a two is 二: 一元零二分.
        empty = after_units and not tenths
        count = f"零{DIGITS[ones]}" if empty else self.numerals.count(ones)
        return [*phrases, f"{count}{self.hundredth}"]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every phrase of an amount that ends in a unit."""
        few = [self.numerals.count(digit) for digit in range(1, 10)]
        # Round thousands and myriads are amounts of their own only up to nine; the bare unit
        # follows whatever is larger: 十二万|元.
        counts = {*self.numerals.rests, self.numerals.two, ""} | self.numerals.hundreds
        counts |= {f"{count}{place}" for count in few for place in ("千", self.numerals.myriad)}
        amounts = {f"{count}{self.unit}" for count in counts}
        amounts |= {f"{count}{unit}" for count in few for unit in (self.tenth, self.hundredth)}
        amounts |= {f"零{digit}{self.hundredth}" for digit in DIGITS[1:]}
        return frozenset(amounts | {f"{count}{self.tenth}{self.half}" for count in few})


@dataclass(frozen=True)
class Cents:
    """A currency said in units and hundredths, whose units tell its name: 美元, 美分."""

    numerals: Numerals
    unit: str
    hundredth: str
    name: str = ""

    def change(self, hundredths: int, after_units: bool) -> list[str]:
        """Say what is less than one unit: nothing for 0."""
        # No place is empty between the two: 一美元五美分.
        if not hundredths:
            return []
        return self.numerals.counted(hundredths, self.hundredth, self.words)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every phrase of an amount that ends in a unit; foreign money is rare, so few."""
        count = self.numerals.count
        cents = {f"{count(n)}{self.hundredth}" for n in (*range(1, 21), *TENS)}
        dollars = {f"{count(n)}{self.unit}" for n in (*range(21), *TENS)}
        # After digits have been said two is 二: 一百零|二美元.
        dollars |= {f"{round_one}{self.unit}" for round_one in (*self.numerals.hundreds, "二", "")}
        return frozenset(dollars | cents | {self.hundredth})


@dataclass(frozen=True)
class ChineseMoney:
    """Amounts of money in one Chinese language."""

    numbers: ChineseNumbers
    owed: str
    """Said before an amount below zero: it is what the caller owes."""
    currencies: Mapping[str, Coins | Cents]

    def sayings(self) -> dict[str, Saying]:
        """Return the saying of money."""
        return {"money": Saying(self._money, self._words, checked_currency)}

    def _money(self, amount: Decimal, code: str, careful: bool) -> Phrases:
        owed, whole, hundredths = checked_money(amount)
        currency = self.currencies[checked_currency(code)]
        phrases = [word for word in (self.owed if owed else "", currency.name) if word]
        if careful and (whole > 9 or hundredths):
            spelt = self.numbers.spell(whole, f"{hundredths:02d}" if hundredths else "")
            return (*phrases, *glue(spelt, currency.unit, currency.words))
        # Below one yuan the yuan are not said (五角), but nothing at all is 零元.
        if whole or not hundredths:
            phrases += self.numbers.numerals.counted(whole, currency.unit, currency.words)
        return (*phrases, *currency.change(hundredths, after_units=bool(whole)))

    def _words(self, code: str) -> frozenset[str]:
        currency = self.currencies[checked_currency(code)]
        names = {self.owed, currency.name} - {""}
        return self.numbers.words | names | currency.words
