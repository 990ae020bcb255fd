"""Chinese numerals: whole numbers below a million million, in phrases of whole words."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from ivr.lang.language import glue

DIGITS = "零一二三四五六七八九"
NOT_TWO = "一三四五六七八九"
TENS = tuple(range(10, 100, 10))


def small(number: int) -> str:
    """Return 0 to 99 in words as they stand at the head of a number: 十, 十二, 二十."""
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    head = "" if tens == 1 else DIGITS[tens]
    return f"{head}十{DIGITS[ones] if ones else ''}"


@dataclass(frozen=True)
class Numerals:
    """The numerals of one Chinese language, by the words in which they differ."""

    two: str
    """Two as a count, at the head of a number and before a measure: 两千, 两元."""
    two_inside: str
    """Two before a thousand, or alone before a myriad, when digits have been said before it."""
    two_hundred: str
    myriad: str
    hundred_million: str

    def count(self, digit: int) -> str:
        """Return 0 to 9 as the count of a measure."""
        # Two of a thing is 两; only the whole count 2, so 十二元 and 一百零二元 keep 二.
        return self.two if digit == 2 else small(digit)

    def counted(self, count: int, unit: str, vocabulary: Set[str]) -> list[str]:
        """Say how many of a unit, in the clips of a vocabulary."""
        if count == 2:
            return [f"{self.two}{unit}"]
        return glue(self.whole(count), unit, vocabulary)

    def whole(self, number: int) -> list[str]:
        """Say a number from 0 to 999,999,999,999."""
        if number < 100:
            return [small(number)]
        phrases: list[str] = []
        gap = False
        for size, unit in ((10**8, self.hundred_million), (10**4, self.myriad), (1, "")):
            section = number // size % 10**4
            # One 零 for all empty places before this section's first digit, also when a whole
            # section is empty (一亿零一千); zeros that end a section are silent (十一万).
            if section and phrases and (gap or section < 1000):
                phrases.append(DIGITS[0])
            gap = not section
            if section:
                phrases += self._section(section, unit, leading=not phrases)
        return phrases

    def _section(self, number: int, unit: str, leading: bool) -> list[str]:
        """Say 1 to 9999 with its unit; `leading` if no digit has been said before."""
        two = self.two if leading else self.two_inside
        if number == 2 and unit:
            return [f"{two}{unit}"]
        thousands, hundreds, rest = number // 1000, number // 100 % 10, number % 100
        phrases: list[str] = []
        if thousands:
            # 零 is said in the breath of the place before it: 一千零, 一百零.
            empty = "零" if rest and not hundreds else ""
            phrases.append(f"{two if thousands == 2 else DIGITS[thousands]}千{empty}")
        if hundreds:
            empty = "零" if 0 < rest < 10 else ""
            phrases.append(f"{self.two_hundred if hundreds == 2 else DIGITS[hundreds]}百{empty}")
        if rest:
            # Inside a number ten is 一十: 一百一十, 一千零一十, 十万零一十.
            inside = rest // 10 == 1 and (phrases or not leading)
            phrases.append(f"{'一' if inside else ''}{small(rest)}")
        return glue(phrases, unit, self.words) if unit else phrases

    @cached_property
    def rests(self) -> frozenset[str]:
        """The last two digits of a number, as they are said at its head and inside of it."""
        return frozenset({small(n) for n in range(100)} | {f"一{small(n)}" for n in range(10, 20)})

    @cached_property
    def hundreds(self) -> frozenset[str]:
        """The round hundreds."""
        return frozenset(f"{digit}百" for digit in (*NOT_TWO, self.two_hundred))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every phrase of `whole`."""
        places = self.hundreds | {f"{digit}千" for digit in (*NOT_TWO, self.two, self.two_inside)}
        zeros = {f"{place}零" for place in places}
        myriads = {f"{count}{self.myriad}" for count in self.rests | places | {self.two}}
        # Hundreds of millions beyond nine are too rare to be clips of their own: 十二|亿.
        large = {f"{count}{self.hundred_million}" for count in (*DIGITS[1:], self.two, "")}
        return (self.rests | places | zeros | myriads | large) - {f"零{self.myriad}"}
