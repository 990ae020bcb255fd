"""What callers hear is understood: an offline recogniser listens to real calls.

For Cantonese there is no such recogniser; that its sounds arrive is seen in test_balance.py.
"""

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests import ears
from tests.calls.conftest import Dial
from tests.calls.hotline import Hotline, until
from tests.calls.listening import hears, sound, words
from tests.hearing.listener import Listener, Score
from tests.hearing.place import HOME

pytestmark = [pytest.mark.ears, pytest.mark.timeout(300)]

KEYS = {"cmn": "1", "en": "3"}
AMOUNTS = {"123.45": "2026-12-31", "12345.67": "2029-12-12", "88.00": "2027-03-03"}

# Pressed one after the other in one call: two steps slower, two back, two faster.
SPEEDS = {75: "**1", 100: "##1", 150: "##1"}

LARGEST_ERROR = 0.15

# Seconds of silence around what is listened to.
SILENCE = 0.2


class Sentence(NamedTuple):
    """One sentence, and the recording of what a caller heard of it."""

    language: str
    speed: int
    said: str
    wav: Path


class Understood(NamedTuple):
    """A sentence, what the recogniser wrote down, and how far that is from what was said."""

    sentence: Sentence
    heard: str
    score: Score

    @property
    def is_right(self) -> bool:
        return self.score.figures and self.score.error <= LARGEST_ERROR

    def __str__(self) -> str:
        figures = "all right" if self.score.figures else "WRONG"
        language, speed, said, _ = self.sentence
        cells = (language, f"{speed} %", said, self.heard)
        return f"| {' | '.join(cells)} | {self.score.error:.2f} | {figures} |"


@pytest.fixture(scope="module")
def table() -> Iterator[list[Understood]]:
    """All sentences that were listened to; `make test-ears` shows them at the end."""
    rows: list[Understood] = []
    yield rows
    head = "| language | speed | said | heard | error | figures |\n|---|---|---|---|---|---|\n"
    text = head + "".join(f"{row}\n" for row in rows)
    (HOME / "heard.md").write_text(text, encoding="utf-8")


async def balances(hotline: Hotline, dial: Dial, language: str, amount: str) -> list[Sentence]:
    """Call, listen to the balance at every speed, and return what was in her ear."""
    number = await hotline.customer(amount, AMOUNTS[amount])
    async with dial(number) as caller:
        await caller.press(KEYS[language])
        for count, keys in enumerate(SPEEDS.values(), start=1):
            await caller.press(keys)
            record = await until(partial(caller.has_heard, "your_balance", count), 60)
    told = [part for part in record["heard"] if part["prompt"] == "your_balance"]
    assert [part["speed"] for part in told] == [f"{speed}%" for speed in SPEEDS]
    first, *_ = words("your_balance", language, {"amount": amount, "until": AMOUNTS[amount]})
    return [
        Sentence(language, speed, part["text"], alone(caller.wav, part, sound(first, speed)))
        for speed, part in zip(SPEEDS, told, strict=True)
    ]


def alone(wav: Path, part: Mapping[str, Any], first: ears.Samples) -> Path:
    """Cut what was said out of what was heard: of the menu before it not one word is left."""
    heard, noted = ears.listen(wav), part["from"] / 1000
    begin = hears(first, wav, noted - 0.2, noted + first.size / 8000 + 0.5).at
    piece = heard.cut(begin, begin + part["to"] / 1000 - noted)
    silence = np.zeros(round(SILENCE * heard.rate))
    cut = wav.with_stem(f"{wav.stem}-{part['speed'].rstrip('%')}")
    return ears.write(cut, np.concatenate([silence, piece, silence]), heard.rate)


async def test_balances_are_understood_at_every_speed(
    listener: Listener, hotline: Hotline, dial: Dial, table: list[Understood]
) -> None:
    calls = (balances(hotline, dial, language, a) for language in KEYS for a in AMOUNTS)
    for sentence in itertools.chain.from_iterable(await asyncio.gather(*calls)):
        heard = listener.hear(sentence.wav, sentence.language)
        score = listener.score(sentence.said, heard, sentence.language)
        table.append(Understood(sentence, heard, score))
    wrong = [str(row) for row in table if not row.is_right]
    assert not wrong, "\n".join(["misheard:", *wrong])
