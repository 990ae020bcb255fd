"""Digits and letters that are said one by one: codes, telephone numbers, tails, names of plans.

What every language has in common; a language gives its words.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ivr.lang.language import BREATH, Phrases, Saying, glue, plain
from ivr.lang.limits import checked_digits, checked_phone, checked_plan, checked_tail

LETTERS = frozenset(string.ascii_uppercase)


@dataclass(frozen=True)
class Codes:
    """What is said one by one, in one language."""

    digits: tuple[str, ...]
    """Zero to nine as they are dictated."""
    small: Callable[[int], str]
    """0 to 99 as a number."""
    plus: str
    ending: str
    """Said before the last digits of a longer number."""
    space: str

    def sayings(self) -> dict[str, Saying]:
        """Return the kinds of value that are said one by one."""
        return {
            "digits": plain(self._digits, lambda: self._series),
            "phone": plain(self._phone, lambda: self._series | {self.plus}),
            "tail": plain(self._tail, lambda: self._series | LETTERS | {self.ending}),
            "plan": plain(self._plan, lambda: self._series | LETTERS | self._numbers),
        }

    def _digits(self, text: str) -> Phrases:
        spoken = [self.digits[int(digit)] for digit in checked_digits(text)]
        # Two digits in one breath: single syllables side by side sound like a stutter.
        return tuple(self.space.join(spoken[i : i + 2]) for i in range(0, len(spoken), 2))

    def _phone(self, number: str) -> Phrases:
        plus, groups = checked_phone(number)
        phrases = [self.plus] if plus else []
        for at, group in enumerate(groups):
            phrases += [BREATH, *self._digits(group)] if at else self._digits(group)
        return tuple(phrases)

    def _tail(self, text: str) -> Phrases:
        (runs,) = checked_plan(checked_tail(text))
        phrases = [self.ending]
        for run in runs:
            phrases += self._digits(run) if run.isdigit() else [run]
        return tuple(phrases)

    def _plan(self, name: str) -> Phrases:
        phrases: list[str] = []
        for at, word in enumerate(checked_plan(name)):
            spoken: list[str] = []
            for run in word:
                if not run.isdigit():
                    spoken = glue(spoken, run, self._numbers, self.space) if spoken else [run]
                # One or two digits count something (5G, 58); more are a mark like 128 or 0755.
                elif len(run) <= 2 and str(int(run)) == run:
                    spoken.append(self.small(int(run)))
                else:
                    spoken += self._digits(run)
            phrases += [BREATH, *spoken] if at else spoken
        return tuple(phrases)

    @cached_property
    def _series(self) -> frozenset[str]:
        pairs = {f"{one}{self.space}{two}" for one in self.digits for two in self.digits}
        return frozenset({*self.digits} | pairs)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        networks = {f"{self.small(generation)}{self.space}G" for generation in range(2, 7)}
        return frozenset({self.small(number) for number in range(100)} | networks)
