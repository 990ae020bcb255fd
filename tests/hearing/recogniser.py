"""The recogniser: a process with packages of its own (requirements.lock), asked line by line.

One JSON object a line. It says `{}` when it is ready. Then {"wav", "language"} is answered with
{"heard"}, {"said", "heard", "language"} with {"error", "figures"}, what cannot be done with
{"fault"}.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from faster_whisper import WhisperModel

from tests.hearing.scoring import score

_CODES = {"cmn": "zh", "en": "en"}
_THREADS = 2

# Whisper's own tokens for languages, times and tasks begin here; below are those of text.
_FIRST_SPECIAL = 50257


class Recogniser:
    """Whisper, which writes down what it hears in words."""

    def __init__(self, model: Path) -> None:
        self._model = WhisperModel(str(model), compute_type="int8", cpu_threads=_THREADS)
        # Without figures it can only write the words it heard. With them it writes 四角五分 as
        # "4.5分" and 二零二八年 as "200年": errors of its spelling, not of its hearing.
        text = self._model.hf_tokenizer
        figures = (i for i in range(_FIRST_SPECIAL) if re.search(r"[0-9%$¥]", text.decode([i])))
        self._suppressed = [-1, *figures]

    def hear(self, wav: Path, language: str) -> str:
        """Return what is said in the file."""
        # No first guess, no second try and no prompt: each makes it write what was never said.
        segments, _ = self._model.transcribe(
            str(wav),
            language=_CODES[language],
            temperature=0,
            condition_on_previous_text=False,
            without_timestamps=True,
            suppress_tokens=self._suppressed,
        )
        return "".join(segment.text for segment in segments).strip()

    def answer(self, asked: dict[str, str]) -> dict[str, Any]:
        """Do what one line asks for."""
        if "said" in asked:
            return score(asked["said"], asked["heard"], asked["language"])._asdict()
        return {"heard": self.hear(Path(asked["wav"]), asked["language"])}


def main() -> None:
    """Answer every line of the input until it ends."""
    recogniser = Recogniser(Path(sys.argv[1]))
    answers = sys.stdout
    sys.stdout = sys.stderr  # nothing that a package may print gets between the answers
    answer: dict[str, Any] = {}
    while True:
        answers.write(f"{json.dumps(answer)}\n")
        answers.flush()
        line = sys.stdin.readline()
        if not line:
            return
        try:
            answer = recogniser.answer(json.loads(line))
        except Exception as fault:  # the test that asked is told; the others go on
            answer = {"fault": repr(fault)}


if __name__ == "__main__":
    main()
