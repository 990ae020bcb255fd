"""How long a caller waits for a sentence of twenty clips to become one sound: a table.

    python -m bench.compose

Every row is measured in the same run and in turns, so that the ratios hold on a busy machine too.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ivr.flow.speech import Clip, Pause, Utterance
from ivr.speech.clips import Clips
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from ivr.speech.takes import Takes
from ivr.speech.voices import Espeak

# Only now: `clips` has silenced the warnings pydub gives when it is imported.
from pydub import AudioSegment  # isort: skip

WORDS = """
    您的话费余额是 一百 二十三元 四角 五分 有效期到 二零二六年 十二月 三十一日 本月已用 流量
    一点五GB 还剩 十八点五GB 通话 两百分钟 短信 三十条 下月一日 自动续费
"""
CLIPS = [Clip(words, "cmn") for words in WORDS.split()]
FORMS = ("alaw", "g722")
# Milliseconds; what composing twenty known clips may cost.
GOAL = 3.0
ROUNDS, FEW = 300, 30
SLOW = ("pydub", "sox")
KNOWN = "known clips anew"

Work = Callable[[], object]


def main() -> None:
    """Build the clips, measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        place = Path(folder)
        _clips(place).build(CLIPS, [100], FORMS, lambda done, of: None, lambda line: None)
        kinds: dict[str, Callable[[Path], AbstractContextManager[Work]]] = {
            "sentence known": _said_before,
            KNOWN: _new,
            f"{KNOWN}, G.722": partial(_new, form="g722"),
            "clips read from files": _never_loaded,
            "pydub: open, add, export": _pydub,
            "sox: concatenate": _sox,
        }
        works = {name: stack.enter_context(kind(place)) for name, kind in kinds.items()}
        took = _measured(works)
    _show(took)


def _measured(works: dict[str, Work]) -> dict[str, NDArray[np.float64]]:
    took: dict[str, list[float]] = {name: [] for name in works}
    for number in range(ROUNDS):
        for name, work in works.items():
            if number % (ROUNDS // FEW) == 0 or not name.startswith(SLOW):
                began = time.perf_counter()
                work()
                took[name].append((time.perf_counter() - began) * 1000)
    return {name: np.array(times) for name, times in took.items()}


def _show(took: dict[str, NDArray[np.float64]]) -> None:
    table = Table(title=f"{len(CLIPS)} clips to one sound, in milliseconds")
    table.add_column("how")
    for column in ("p50", "p99", "of known"):
        table.add_column(column, justify="right")
    base = float(np.median(took[KNOWN]))
    for name, times in took.items():
        middle, late = np.percentile(times, [50, 99])
        table.add_row(name, f"{middle:.3f}", f"{late:.3f}", f"{middle / base:.2f}")
    console = Console()
    console.print(table)
    console.print(f"The goal is {GOAL:g} ms for “{KNOWN}”: {'met' if base <= GOAL else 'NOT met'}.")


def _clips(place: Path) -> Clips:
    return Clips(place / "built", Takes(place / "takes"), {"cmn": ("espeak",)}, _VOICES)


_VOICES = {"espeak": Espeak()}


def _sentences() -> Iterator[Utterance]:
    """Yield sentences of the same clips, every one in a new order: no two are the same sound."""
    chance = random.Random(0)
    while True:
        yield tuple(x for clip in chance.sample(CLIPS, len(CLIPS)) for x in (clip, Pause(0.1)))


@contextmanager
def _shelf() -> Iterator[Shelf]:
    shelf = Shelf()
    try:
        yield shelf
    finally:
        shelf.close()


@contextmanager
def _said_before(place: Path) -> Iterator[Work]:
    sentence = next(_sentences())
    with _shelf() as shelf:
        speaker = Speaker(_clips(place), shelf)
        yield lambda: speaker.sound(sentence, 100)


@contextmanager
def _new(place: Path, form: str = "alaw") -> Iterator[Work]:
    sentences = _sentences()
    with _shelf() as shelf:
        speaker = Speaker(_clips(place), shelf)
        speaker.sound(next(sentences), 100, form=form)
        yield lambda: speaker.sound(next(sentences), 100, form=form)


@contextmanager
def _never_loaded(place: Path) -> Iterator[Work]:
    """The files are in the memory of the system all the same."""
    sentences = _sentences()
    with _shelf() as shelf:
        yield lambda: Speaker(_clips(place), shelf).sound(next(sentences), 100)


@contextmanager
def _pydub(place: Path) -> Iterator[Work]:
    files = _waves(place)

    def join() -> None:
        whole = AudioSegment.empty()
        for file in files:
            whole += AudioSegment.from_wav(file)
        whole.export(place / "pydub.wav", "wav").close()

    yield join


@contextmanager
def _sox(place: Path) -> Iterator[Work]:
    command = ["sox", *map(str, _waves(place)), str(place / "sox.wav")]
    yield lambda: subprocess.run(command, check=True)


def _waves(place: Path) -> list[Path]:
    """Write each clip as a WAV, as one would keep them for these."""
    files = [place / f"{number}.wav" for number in range(len(CLIPS))]
    for clip, file in zip(CLIPS, files, strict=True):
        samples = len(_clips(place).load(clip, 100, "alaw"))
        with wave.open(str(file), "wb") as wav:
            wav.setparams((1, 2, 8000, 0, "NONE", ""))
            wav.writeframes(bytes(2 * samples))
    return files


if __name__ == "__main__":
    main()
