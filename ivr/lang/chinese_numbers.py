"""Numbers of the Chinese languages: cardinals, ordinals, counts, percentages, sizes of data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from ivr.lang.language import Phrases, Saying, glue, lead, one_by_one, plain
from ivr.lang.limits import (
    Size,
    checked_count,
    checked_number,
    checked_place,
    checked_size,
    short,
)
from ivr.lang.numerals import DIGITS, NOT_TWO, TENS, Numerals, small

_CLASSIFIER = re.compile(r"[\u4e00-\u9fff]{1,4}")
# Said at the head of a number only, so never apart from a word that is glued to its head.
_ONLY_HEADS = frozenset(small(number) for number in range(10, 20))


@dataclass(frozen=True)
class ChineseNumbers:
    """Everything that is mainly a number, in one Chinese language."""

    numerals: Numerals
    minus: str
    point: str
    sizes: Mapping[str, str]
    """What the units of data are called."""
    example: str
    """A classifier, for messages."""

    def sayings(self) -> dict[str, Saying]:
        """Return the kinds of value that are mainly a number."""
        return {
            "number": Saying(self._number, lambda _: self.words | {self.minus}),
            "ordinal": plain(self._ordinal, lambda: self._ordinals),
            "count": Saying(self._count, self._counts, self._check_classifier),
            "percent": plain(self._percent, lambda: self._shares),
            "data": plain(self._size, lambda: self.words | self._sizes),
        }

    def spell(self, whole: int, decimals: str) -> list[str]:
        """Say a number digit by digit."""
        return one_by_one(whole, decimals, DIGITS, self.point)

    def _number(self, value: Decimal | int, _argument: str, careful: bool) -> Phrases:
        negative, whole, decimals = checked_number(value)
        sign = [self.minus] if negative else []
        spoken = self.spell(whole, decimals) if careful else self._read(whole, decimals)
        return (*sign, *spoken)

    def _read(self, whole: int, decimals: str) -> list[str]:
        # After the point every digit is said, with its zeros and with 一: 三点一四.
        after = [DIGITS[int(digit)] for digit in decimals]
        fraction = [self.point + after[0], *after[1:]] if after else []
        return [*self.numerals.whole(whole), *fraction]

    def _ordinal(self, value: Decimal | int) -> Phrases:
        # An order has 二 everywhere, for 两 counts things: 第二, 第二百.
        numerals = replace(self.numerals, two_hundred="二")
        return tuple(lead("第", numerals.whole(checked_place(value)), self._ordinals))

    def _count(self, value: Decimal | int, classifier: str, careful: bool) -> Phrases:
        count = checked_count(value)
        together = self._together(classifier)
        if careful and count > 9:
            return tuple(glue(self.spell(count, ""), classifier, together))
        return tuple(self.numerals.counted(count, classifier, together))

    def _percent(self, value: Decimal | int) -> Phrases:
        negative, whole, decimals = checked_number(value)
        sign = [self.minus] if negative else []
        if whole == 100 and not decimals:
            return (*sign, "百分之百")
        return (*sign, *lead("百分之", self._read(whole, decimals), self._percents))

    def _size(self, size: Size) -> Phrases:
        whole, decimals, unit = checked_size(size)
        said = self.sizes[unit]
        if decimals:
            return tuple(glue(self._read(whole, decimals), said, self._sizes))
        return tuple(self.numerals.counted(whole, said, self._sizes))

    def _check_classifier(self, argument: str) -> None:
        if not _CLASSIFIER.fullmatch(argument):
            lacking = "a count needs" if not argument else f"{short(argument)} is not"
            raise ValueError(
                f"{lacking} the classifier it is said with: 1 to 4 Chinese characters are "
                f"expected, such as {{n:count {self.example}}}"
            )

    def _counts(self, classifier: str) -> frozenset[str]:
        return self.numerals.words | {classifier} | self._together(classifier)

    def _together(self, classifier: str) -> frozenset[str]:
        """Return the counts said in one breath with their classifier; larger ones are rarer."""
        counts = {small(count) for count in range(21)} | {self.numerals.two}
        return frozenset(f"{count}{classifier}" for count in counts)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every phrase of a number that is not below zero."""
        return self.numerals.words | {f"{self.point}{digit}" for digit in DIGITS}

    @cached_property
    def _ordinals(self) -> frozenset[str]:
        hundreds = {f"{digit}百{zero}" for digit in (*NOT_TWO, "二") for zero in ("", "零")}
        heads = {f"第{count}" for count in {small(place) for place in range(1, 100)} | hundreds}
        return self.numerals.rests - {DIGITS[0]} - _ONLY_HEADS | heads

    @cached_property
    def _percents(self) -> frozenset[str]:
        counts = {small(count) for count in range(100)} | {"百", ""}
        return frozenset(f"百分之{count}" for count in counts)

    @cached_property
    def _shares(self) -> frozenset[str]:
        return self.words - _ONLY_HEADS | self._percents | {self.minus}

    @cached_property
    def _sizes(self) -> frozenset[str]:
        usual = {*map(small, (*range(11), *TENS)), self.numerals.two}
        usual |= self.numerals.hundreds
        large = {f"{count}{self.sizes[unit]}" for unit in ("MB", "GB") for count in usual}
        # Kilobytes and terabytes are rare: only their names are clips.
        two = {f"{self.numerals.two}{unit}" for unit in self.sizes.values()}
        tenths = {f"{self.point}{digit}{self.sizes['GB']}" for digit in DIGITS}
        return frozenset(large | two | tenths | {*self.sizes.values()})
