"""record: the caller may keep her message, hear it, speak it once more."""

import pytest

from ivr.flow.effects import PlayBack, Record, Recorded
from ivr.flow.nodes.record import ROUNDS
from ivr.line.script import HANG_UP, SILENCE, ScriptLine
from tests.stage import load, path, play

FLOW = """
flow: f
languages: [cmn]
start: a
nodes:
  a: {record: ask_short, confirm: ask, into: message, go: b, silent: c}
  b: {branch: $message, cases: {"2.wav": second}, otherwise: first}
  c: hangup
  first: hangup
  second: hangup
"""


class Recorder(ScriptLine):
    """A caller whose messages are numbered; those of `quiet` are silent."""

    def __init__(self, *keys: str, quiet: tuple[int, ...] = ()) -> None:
        super().__init__(keys)
        self.quiet, self.did = quiet, list[str]()

    async def record(self, record: Record) -> Recorded:
        number = sum(act.startswith("record") for act in self.did) + 1
        self.did.append(f"record instead of {record.instead or 'none'}")
        return Recorded(f"{number}.wav", 3.0, number in self.quiet)

    async def play_back(self, play_back: PlayBack) -> str:
        self.did.append(f"play {play_back.file}")
        return await super().play_back(play_back)


@pytest.mark.parametrize(
    ("keys", "did", "end"),
    [
        ((SILENCE, "1"), [], "first"),
        ((SILENCE, SILENCE, SILENCE), [], "first"),
        ((SILENCE, "3", SILENCE, "1"), ["play 1.wav"], "first"),
        ((SILENCE, "2", SILENCE, "1"), ["record instead of 1.wav"], "second"),
        ((SILENCE, "7", SILENCE, "3", "1"), ["play 1.wav"], "first"),
    ],
)
def test_a_message_is_kept_heard_or_spoken_once_more(
    keys: tuple[str, ...], did: list[str], end: str
) -> None:
    line = Recorder(*keys)
    assert path(play(load(FLOW), line))[-1] == end
    assert line.did == ["record instead of none", *did]


def test_a_second_message_of_silence_leaves_the_first() -> None:
    line = Recorder(SILENCE, "2", SILENCE, "1", quiet=(2,))
    assert path(play(load(FLOW), line))[-1] == "first"


def test_a_key_while_she_hears_it_answers_the_next_question() -> None:
    line = Recorder(SILENCE, "3", "1", HANG_UP)
    assert path(play(load(FLOW), line))[-1] == "first"


def test_nobody_goes_round_for_ever() -> None:
    line = Recorder(SILENCE, *("7", SILENCE) * 50)
    assert path(play(load(FLOW), line))[-1] == "first"
    assert line.heard.count("请按一。") == ROUNDS
