"""Cardinals and ordinals are compared with ICU's spell-out, an oracle we had no hand in.

Where we differ on purpose, a rule here rewrites what ICU says and tells why; everything else has
to be the same, word for word. `docs/speaking-values.md` lists the same rules.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ivr.lang import LANGUAGES, say

icu = pytest.importorskip("icu")


class Difference(NamedTuple):
    """What we say otherwise than ICU: a rule that rewrites it, a number it is for, and why."""

    pattern: str
    ours: str
    number: int
    why: str


EMPTY_PLACE = Difference(
    "([亿億])(?!零)(?=[^千万萬]+[万萬])", r"\1零", 300_200_000,
    "an empty thousand is heard as 零 in every section; ICU leaves it out behind 亿 alone",
)  # fmt: skip
TEN_INSIDE = Difference(
    "(?<=[亿億]零)十", "一十", 300_100_000,
    "inside a number ten is 一十, as ICU has it in every other place: 一万零一十",
)  # fmt: skip
DIFFERENCES = {
    "cmn": [
        Difference(
            "^两$", "二", 2,
            "two by itself is 二; 两 counts things, and of things ICU says it as we do (两条)",
        ),
        EMPTY_PLACE,
        TEN_INSIDE,
    ],
    "yue": [
        Difference("廿", "二十", 22, "廿 is for quick talk and is lost on a bad line"),
        Difference(
            "^二(?=[千萬億])", "兩", 2000,
            "兩 is what is said before a thousand and more at the head of a number",
        ),
        EMPTY_PLACE,
        TEN_INSIDE,
    ],
    "en": [
        Difference(
            ",", "", 1_100_000,
            "a comma is a pause; the scale is heard without one, and clips have it inside",
        ),
    ],
}  # fmt: skip
RULES = {
    "cmn": ("zh", "%spellout-cardinal-alternate2", "%spellout-ordinal"),
    "yue": ("yue", "%spellout-cardinal", "%spellout-ordinal"),
    "en": ("en_GB", "%spellout-cardinal-verbose", "%spellout-ordinal-verbose"),
}
_LOT = random.Random(20261122)
# All small numbers, a lot of middle ones, and as many of each length up to twelve figures.
NUMBERS = [
    *range(10_000),
    *_LOT.sample(range(10_000, 10**6), 5_000),
    *(_LOT.randrange(10**figures) for figures in range(5, 13) for _ in range(1_000)),
    *(_LOT.randrange(1, 10_000) * 10**zeros for zeros in range(1, 9) for _ in range(500)),
]


def oracle(code: str, rules: str) -> Callable[[int], str]:
    speller = icu.RuleBasedNumberFormat(icu.URBNFRuleSetTag.SPELLOUT, icu.Locale(RULES[code][0]))
    speller.setDefaultRuleSet(rules)
    return lambda number: str(speller.format(number))


def rewritten(words: str, differences: list[Difference]) -> str:
    for difference in differences:
        words = re.sub(difference.pattern, difference.ours, words)
    return words


each_language = pytest.mark.parametrize("code", RULES)


def test_every_language_has_its_oracle() -> None:
    assert set(RULES) == set(LANGUAGES) == set(DIFFERENCES)


@each_language
def test_a_cardinal_is_said_as_icu_says_it_but_for_the_differences(code: str) -> None:
    spell, language = oracle(code, RULES[code][1]), LANGUAGES[code]
    for number in NUMBERS:
        ours = language.join(say("number", number, code))
        assert ours == rewritten(spell(number), DIFFERENCES[code]), number


@each_language
def test_an_ordinal_is_said_as_icu_says_it(code: str) -> None:
    spell, language = oracle(code, RULES[code][2]), LANGUAGES[code]
    for place in range(1, 1000):
        # Simplified ordinals are written with 〇, which is how 零 is written in dates.
        assert language.join(say("ordinal", place, code)) == spell(place).replace("〇", "零")


def test_two_of_a_thing_is_said_as_icu_says_it() -> None:
    spell = oracle("cmn", RULES["cmn"][1])
    for count in range(1000):
        assert "".join(say("count", count, "cmn", "条")) == f"{spell(count)}条"


@pytest.mark.parametrize(
    ("code", "difference"),
    [(code, difference) for code, listed in DIFFERENCES.items() for difference in listed],
)
def test_no_difference_is_listed_that_icu_no_longer_makes(
    code: str, difference: Difference
) -> None:
    theirs = oracle(code, RULES[code][1])(difference.number)
    others = [other for other in DIFFERENCES[code] if other is not difference]
    ours = LANGUAGES[code].join(say("number", difference.number, code))
    assert rewritten(theirs, others) != ours == rewritten(theirs, DIFFERENCES[code])


def test_the_page_lists_these_differences_and_no_others() -> None:
    page = (Path(__file__).parents[2] / "docs" / "speaking-values.md").read_text()
    rows = re.findall(r"^\| (\w+) \| (\d+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", page, re.M)
    assert rows == [
        (code, str(number), oracle(code, RULES[code][1])(number), LANGUAGES[code].join(phrases))
        for code, listed in DIFFERENCES.items()
        for number in (difference.number for difference in listed)
        for phrases in [say("number", number, code)]
    ]
