"""The scripted line: what is pressed when, and what was heard."""

import pytest

from ivr.flow.effects import Dial, Enqueue, HangUp, Heard, Listen, Play, PlayBack, Queued, Record
from ivr.flow.speech import Clip, Pause
from ivr.line.script import HANG_UP, SILENCE, ScriptLine
from ivr.wire.agi import LineLost

GREETING = (Clip("您好", "cmn"), Pause(0.3, "，"), Clip("再见", "cmn"), Pause(0.5, "。"))


async def test_keys_come_with_the_last_words() -> None:
    line = ScriptLine(["1", "23"])
    assert await line.play(Play(GREETING, 100)) == Heard("1", 2)
    assert await line.play(Play(GREETING, 100, 2)) == Heard("23", 2)
    assert line.heard == ["您好，再见。", "再见。"]


async def test_a_caller_with_no_keys_left_listens_on() -> None:
    line = ScriptLine([SILENCE, "5"])
    assert await line.play(Play(GREETING, 100)) == Heard("", 4)
    assert await line.listen(Listen(3)) == "5"
    assert await line.play(Play(GREETING, 100)) == Heard("", 4)
    assert await line.listen(Listen(3)) == ""


async def test_hanging_up_is_told_and_raised() -> None:
    told: list[str] = []
    line = ScriptLine([HANG_UP], tell=told.append)
    with pytest.raises(LineLost):
        await line.listen(Listen(3))
    assert line.gone.is_set()
    assert told == ["■ the caller hangs up"]


async def test_everything_that_happens_is_told() -> None:
    told: list[str] = []
    line = ScriptLine(["2"], queued=Queued("full"), dialled="busy", tell=told.append)
    await line.play(Play((Clip("Hello", "en"), Pause(0.2, ".")), 75))
    assert await line.enqueue(Enqueue("desk", 60, "en", ())) == Queued("full")
    assert await line.dial(Dial("1001", 20)) == "busy"
    await line.record(Record(60, 5))
    await line.hang_up(HangUp("bye"))
    assert told == [
        "♪ en 75% Hello.",
        "⌨ 2",
        "→ queue desk: full",
        "→ dial 1001: busy",
        "● a message is recorded",
        "■ bye",
    ]
    assert line.reached == ["queue desk", "dial 1001", "hangup"]


@pytest.mark.parametrize(("silent", "seconds"), [(False, 3.0), (True, 0.0)])
async def test_a_message_may_be_silent(silent: bool, seconds: float) -> None:
    recorded = await ScriptLine(silent_recording=silent).record(Record(60, 5))
    assert (recorded.silent, recorded.seconds) == (silent, seconds)


async def test_a_message_of_hers_is_heard_to_its_end() -> None:
    told: list[str] = []
    line = ScriptLine(["1"], tell=told.append)
    assert await line.play_back(PlayBack("script.wav")) == "1"
    assert told == ["● the message is played", "⌨ 1"]
