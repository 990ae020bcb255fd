"""Asking the recogniser, which runs as a process with packages of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.hearing.place import MODEL, PYTHON, ROOT


class Score(NamedTuple):
    """See `tests.hearing.scoring`."""

    error: float
    figures: bool


class Listener:
    """A recogniser that runs: it hears files and compares texts, one after the other."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child

    def hear(self, wav: Path, language: str) -> str:
        """Return what is said in a WAV file, in words."""
        heard: str = self._ask(wav=str(wav), language=language)["heard"]
        return heard

    def score(self, said: str, heard: str, language: str) -> Score:
        """Compare two texts: see `tests.hearing.scoring`. Raises ValueError."""
        return Score(**self._ask(said=said, heard=heard, language=language))

    def _ask(self, **asked: str) -> dict[str, Any]:
        assert self._child.stdin
        self._child.stdin.write(f"{json.dumps(asked)}\n")
        self._child.stdin.flush()
        answer = self.read()
        if "fault" in answer:
            raise ValueError(answer["fault"])
        return answer

    def read(self) -> dict[str, Any]:
        """Return the next thing it says."""
        assert self._child.stdout
        line = self._child.stdout.readline()
        assert line, f"the recogniser ended: {self._child.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def listening() -> Iterator[Listener]:
    """Run a recogniser while the block runs."""
    with subprocess.Popen(
        [str(PYTHON), "-m", "tests.hearing.recogniser", str(MODEL)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        listener = Listener(child)
        listener.read()
        yield listener
