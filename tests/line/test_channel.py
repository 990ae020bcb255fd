"""A caller on a channel: keys that are never lost, sounds that stop where they should."""

import random
import re
from pathlib import Path

import pytest

from ivr.desk.order import TENTHS_UNTIL_THEN
from ivr.flow.effects import (
    Dial,
    DialOutcome,
    Enqueue,
    HangUp,
    Heard,
    Listen,
    Play,
    PlayBack,
    Queued,
    QueueOutcome,
    Record,
    Recorded,
)
from ivr.flow.speech import Clip, Pause
from ivr.line.channel import DIAL_OUTCOMES, ChannelLine
from ivr.line.keypad import MOST_KEYS
from ivr.line.playing import Unplayable
from ivr.line.queueing import QUEUE_OUTCOMES
from tests.fake_asterisk import words
from tests.line.switch import SILENCE, Channel, bare, on

# 300 ms, a pause of 200 ms, 200 ms, a pause of 100 ms.
UTTERANCE = (Clip("一二三", "cmn"), Pause(0.2, "，"), Clip("四五", "cmn"), Pause(0.1, "。"))
WAIT = Enqueue("front_desk", 60.0, "yue", ("welcome", "menu", "agent", "connecting", "queue"))


@pytest.mark.parametrize(
    ("moment", "heard"),
    [
        (SILENCE, Heard("", 4)),
        ("5@0", Heard("5", 0)),
        ("5@130", Heard("5", 0, 1)),
        ("5@299", Heard("5", 0, 2)),
        ("*@300", Heard("*", 2)),  # in a pause it goes on with the next clip
        ("#@500", Heard("#", 2)),
        ("12@699", Heard("12", 2, 1)),
        ("0@700", Heard("0", 4)),  # nothing is left to be said
        ("0@9999", Heard("0", 4)),
        ("A@100", Heard("", 4)),  # A to D are no keys of ours
        ("DC1B2@90", Heard("12", 0)),
    ],
)
async def test_a_key_stops_the_sound_at_the_clip_being_spoken(
    tmp_path: Path, moment: str, heard: Heard
) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100)) == heard

    await on(Channel(moment), tmp_path, work)


async def test_a_sound_that_goes_on_in_the_middle_counts_from_the_whole(tmp_path: Path) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100, 2)) == Heard("7", 2)
        assert await line.play(Play(UTTERANCE, 100, 2)) == Heard("", 4)

    await on(Channel("7@20"), tmp_path, work)


async def test_what_the_dialplan_has_made_ready_is_not_asked_for_again(tmp_path: Path) -> None:
    channel = Channel(SILENCE, speaks="g722")
    channel.make_ready()
    channel.press("7")  # no controller was there yet

    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100)) == Heard("7", 0)
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    switch = await on(channel, tmp_path, work, spoken="(g722)")
    assert switch.commands[0] == "ANSWER" and len(switch.commands) == 5
    assert channel.variables["IVR_LED"] == "1"
    assert [sound.suffix for sound in channel.played] == [".g722"]


@pytest.mark.parametrize("speaks", ["alaw", "ulaw", "g722"])
async def test_a_caller_hears_every_sound_in_what_her_line_speaks(
    tmp_path: Path, speaks: str
) -> None:
    channel = Channel("1@580", speaks=speaks)

    async def work(line: ChannelLine) -> None:
        # G.722 has 30 ms before it; at 550 ms the second clip has been heard for 50.
        assert await line.play(Play(UTTERANCE, 100)) == Heard("1", 2)
        await line.listen(Listen(1))
        await line.record(Record(60, 5))

    await on(channel, tmp_path, work)
    assert [sound.suffix for sound in channel.played] == [f".{speaks}"] * 3


@pytest.mark.parametrize(("speaks", "form"), [("opus", ".alaw"), ("ulaw|alaw", ".ulaw")])
async def test_a_line_that_speaks_something_else_gets_what_can_be_transcoded(
    tmp_path: Path, speaks: str, form: str
) -> None:
    channel = Channel(speaks=speaks)

    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    await on(channel, tmp_path, work)
    assert [sound.suffix for sound in channel.played] == [form]


async def test_a_line_that_changes_its_codec_is_followed(tmp_path: Path) -> None:
    channel = Channel("5@299", "6@299", "7@320")

    async def work(line: ChannelLine) -> None:
        assert await line.play(Play(UTTERANCE, 100)) == Heard("5", 0, 2)
        channel.speaks = "g722"
        # What was chosen before is transcoded, and its offset is that of what was played.
        assert await line.play(Play(UTTERANCE, 100)) == Heard("6", 0, 2)
        assert await line.play(Play(UTTERANCE, 100)) == Heard("7", 0, 2)

    await on(channel, tmp_path, work)
    assert [sound.suffix for sound in channel.played] == [".alaw", ".alaw", ".g722"]


async def test_a_key_between_two_commands_keeps_the_next_sound_from_starting(
    tmp_path: Path,
) -> None:
    channel = Channel()

    async def work(line: ChannelLine) -> None:
        assert await line.listen(Listen(1)) == ""
        channel.press("4")
        assert await line.play(Play(UTTERANCE, 100, 2)) == Heard("4", 2)
        channel.press("5D6")
        assert await line.listen(Listen(1)) == "56"
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    await on(channel, tmp_path, work)
    assert len(channel.played) == 2


async def test_a_key_that_is_none_of_ours_delays_nothing(tmp_path: Path) -> None:
    channel = Channel()

    async def work(line: ChannelLine) -> None:
        channel.press("ABCD")
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    await on(channel, tmp_path, work)
    assert len(channel.played) == 1


@pytest.mark.parametrize("seed", range(20))
async def test_no_key_is_lost_or_doubled_wherever_it_comes(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    pressed = "".join(chance.choices("0123456789*#", k=24))
    # The third command is StoreDTMF: from the fourth on keys are kept.
    places = sorted(chance.choices(range(4, 25), k=len(pressed)))
    before = {n: "".join(k for k, p in zip(pressed, places, strict=True) if p == n) for n in places}
    got: list[str] = []

    async def work(line: ChannelLine) -> None:
        for _ in range(20):
            got.append(await line.listen(Listen(1)))
            got.append((await line.play(Play(UTTERANCE, 100))).keys)

    await on(Channel(before=before), tmp_path, work)
    assert "".join(got) == pressed


async def test_more_keys_than_a_variable_holds_go_on_in_another(tmp_path: Path) -> None:
    pressed = "".join(random.Random(0).choices("0123456789*#", k=3 * MOST_KEYS))
    channel, got = Channel(), list[str]()

    async def work(line: ChannelLine) -> None:
        for start in range(0, len(pressed), 7):
            channel.press(pressed[start : start + 7])
            got.append(await line.listen(Listen(1)))

    await on(channel, tmp_path, work)
    assert "".join(got) == pressed
    assert all(len(value) < 511 for value in channel.variables.values())


async def test_a_key_that_comes_while_the_variable_is_full_is_in_its_place(tmp_path: Path) -> None:
    channel, got, replies = Channel(), list[str](), [""]

    def answer(command: str) -> str:
        # Right after the reading that finds more than may be, before anything is done about it.
        if len(replies[-1]) > MOST_KEYS + len("200 result=1 (UNPLAYED|||(alaw))"):
            channel.press("#")
        replies.append(channel(command))
        return replies[-1]

    async def work(line: ChannelLine) -> None:
        for keys in ("1" * MOST_KEYS, "2", "3"):
            channel.press(keys)
            got.append(await line.listen(Listen(1)))

    await on(answer, tmp_path, work)
    assert "".join(got) == "1" * MOST_KEYS + "2#3"


async def test_no_key_of_a_secret_reaches_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")

    async def work(line: ChannelLine) -> None:
        # Some are typed while she is asked for them, and what follows must not repeat them.
        assert (await line.play(Play(UTTERANCE, 100))).keys == "4809"
        assert await line.listen(Listen(1)) == "1"
        assert await line.listen(Listen(1)) == "357"
        assert (await line.play(Play(UTTERANCE, 100))).keys == ""
        await line.record(Record(60, 5))

    await on(Channel("4809", "1", "357"), tmp_path, work)
    assert "EXEC StoreDTMF" in caplog.text
    for secret in ("4809", "8091", "1357"):
        assert secret not in caplog.text


@pytest.mark.parametrize(("status", "outcome"), [*QUEUE_OUTCOMES.items(), ("", "unanswered")])
async def test_each_end_of_a_queue_has_its_outcome(
    tmp_path: Path, status: str, outcome: QueueOutcome
) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.enqueue(WAIT) == Queued(outcome)

    await on(Channel(queue={"QUEUESTATUS": status}), tmp_path, work)


async def test_the_agent_who_answered_is_told_and_keys_are_kept_again(tmp_path: Path) -> None:
    talked = {"QUEUESTATUS": "CONTINUE", "MEMBERNAME": "1001", "ANSWEREDTIME_MS": "61250"}
    channel = Channel(queue=talked)

    async def work(line: ChannelLine) -> None:
        channel.press("5")
        assert await line.enqueue(WAIT) == Queued("answered", "1001", talked=61.25)
        channel.press("6")
        assert await line.listen(Listen(1)) == "6"
        channel.variables["MEMBERNAME"] = "of the first call"
        channel._queue = {"QUEUESTATUS": "TIMEOUT"}
        assert await line.enqueue(WAIT) == Queued("unanswered")

    switch = await on(channel, tmp_path, work)
    queue = next(line for line in switch.commands if line.startswith("EXEC Queue"))
    assert bare(queue)[2] == "front_desk,ctb(agent-headers^s^1),,,60"
    # The recorder of keys has no business in a conversation.
    at = switch.commands.index(queue)
    assert "EXEC TryExec StoreDTMF(remove)" in switch.commands[:at]
    assert "RX,IVR_KEYS_2" in next(x for x in switch.commands[at:] if "StoreDTMF" in x)


async def test_who_needs_skills_waits_in_their_line_where_the_switch_has_it(tmp_path: Path) -> None:
    skilled = Enqueue("front_desk", 60, "yue", (), ("yue", "${SHELL(id)}", "roaming"))

    async def work(line: ChannelLine) -> None:
        await line.enqueue(skilled)

    switch = await on(Channel(), tmp_path, work)
    queue = bare(next(line for line in switch.commands if line.startswith("EXEC Queue")))[2]
    wanted = "front_desk+roaming+yue"
    there = f"${{IF($[${{QUEUE_EXISTS({wanted})}}]?{wanted}:front_desk)}}"
    assert queue.startswith(f"{there},ctb(")
    # What is asked of an agent begins anew, however long she waited elsewhere.
    assert told(switch.commands)["QUEUE_MAX_PENALTY"] == "4"


async def test_who_counts_as_come_sooner_does_so_in_that_queue_only(tmp_path: Path) -> None:
    async def work(line: ChannelLine) -> None:
        await line.enqueue(Enqueue("front_desk", 60, "yue", (), sooner=600))
        await line.enqueue(WAIT)
        await line.enqueue(WAIT)

    switch = await on(Channel(), tmp_path, work)
    sums = [words(line)[2] for line in switch.commands if "QUEUE_PRIO" in line]
    came = f"{TENTHS_UNTIL_THEN} - ${{IVR_SINCE}}"
    assert sums == [f"QUEUE_PRIO=$[{came} + 6000]", f"QUEUE_PRIO=$[{came} + 0]"]


@pytest.mark.parametrize("word", ["{}\nHANGUP", "HANGUP\n{}"])
@pytest.mark.parametrize("hangs_up", ["EXEC Queue", "GET FULL", "SET", "EXEC StoreDTMF"])
async def test_a_caller_who_hangs_up_while_talking_was_answered(
    tmp_path: Path, hangs_up: str, word: str
) -> None:
    channel = Channel(queue={"QUEUESTATUS": "", "MEMBERNAME": "1002"})
    queued = False

    def answer(command: str) -> str:
        nonlocal queued
        reply = channel(command)
        queued = queued or command.startswith("EXEC Queue")
        if queued and command.startswith(hangs_up):
            channel.gone = True
            return word.format(reply)
        return reply

    async def work(line: ChannelLine) -> None:
        assert await line.enqueue(WAIT) == Queued("answered", "1002", left=True)

    await on(answer, tmp_path, work)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [*DIAL_OUTCOMES.items(), ("CHANUNAVAIL", "failed"), ("CONGESTION", "failed"), ("", "failed")],
)
async def test_each_end_of_a_dialling_has_its_outcome(
    tmp_path: Path, status: str, outcome: DialOutcome
) -> None:
    channel = Channel(dialled=status)

    async def work(line: ChannelLine) -> None:
        assert await line.dial(Dial("1001", 20.4)) == outcome
        channel.press("8")
        assert await line.listen(Listen(1)) == "8"

    switch = await on(channel, tmp_path, work)
    assert ["EXEC", "Dial", "Local/1001@agents/n,20,g"] in map(bare, switch.commands)


@pytest.mark.parametrize(
    "number",
    ["", "1001&PJSIP/1002", "1001@evil", "${x}", "1,2", "1001\n", "١٠٠١", "9" * 21, "+86138", "a"],
)
async def test_what_is_no_number_is_never_dialled(tmp_path: Path, number: str) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.dial(Dial(number, 20)) == "failed"

    switch = await on(Channel(), tmp_path, work)
    assert not [line for line in switch.commands if "Dial" in line]


@pytest.mark.parametrize(
    ("reply", "seconds", "silent"),
    [
        ("200 result=35 (dtmf) endpos=24000", 3.0, False),
        ("200 result=35 (dtmf) endpos=4000", 0.5, True),  # # at once
        ("200 result=0 (timeout) endpos=40000", 5.0, True),  # nothing but the silence
        ("200 result=0 (timeout) endpos=80000", 10.0, False),
        ("200 result=0 (timeout) endpos=480000", 60.0, False),  # spoken to the very end
        ("200 result=-1 (writefile)", 0.0, True),
        ("510 Invalid or unknown command", 0.0, True),
    ],
)
async def test_a_message_is_told_from_silence(
    tmp_path: Path, reply: str, seconds: float, silent: bool
) -> None:
    async def work(line: ChannelLine) -> None:
        recorded = await line.record(Record(60, 5))
        assert (recorded.file, recorded.seconds, recorded.silent) == ("c1-1.wav", seconds, silent)
        assert (await line.record(Record(60, 5))).file == "c1-2.wav"

    switch = await on(Channel(recorded=reply), tmp_path, work)
    recording = next(line for line in switch.commands if line.startswith("RECORD"))
    path = str(tmp_path / "c1-1")
    assert words(recording) == ["RECORD", "FILE", path, "wav", "#", "60000", "s=5"]


async def test_a_message_is_played_again_and_a_key_stops_it(tmp_path: Path) -> None:
    (tmp_path / "c1-1.wav").write_bytes(bytes(16_000))

    async def work(line: ChannelLine) -> None:
        assert await line.play_back(PlayBack("c1-1.wav")) == ""
        assert await line.play_back(PlayBack("c1-1.wav")) == "1"

    channel = Channel("-", "1")
    await on(channel, tmp_path, work)
    assert [path.name for path in channel.played] == ["c1-1.wav"] * 2


@pytest.mark.parametrize("silent", [False, True])
async def test_a_message_makes_room_for_the_next_one_unless_that_is_silent(
    tmp_path: Path, silent: bool
) -> None:
    first = tmp_path / "c1-0.wav"
    first.write_bytes(b"her words")
    reply = "200 result=-1 (writefile)" if silent else "200 result=35 (dtmf) endpos=24000"

    async def work(line: ChannelLine) -> None:
        await line.record(Record(60, 5, instead="c1-0.wav"))

    await on(Channel(recorded=reply), tmp_path, work)
    assert first.exists() is silent


async def test_keys_of_a_recording_answer_nothing_afterwards(tmp_path: Path) -> None:
    channel = Channel()

    def answer(command: str) -> str:
        if command.startswith("RECORD"):
            channel.press("12#")
        return channel(command)

    async def work(line: ChannelLine) -> None:
        await line.record(Record(60, 5))
        assert await line.listen(Listen(1)) == ""

    await on(answer, tmp_path, work)


def told(commands: list[str]) -> dict[str, str]:
    """Return the variables that were set as she went into the queue."""
    (queue,) = [w[2] for w in map(words, commands) if w[:2] == ["EXEC", "Queue"]]
    return dict(re.findall(r"\$\{SET\(([\w()]+)=([^)]*)\)", queue))


@pytest.mark.parametrize(
    "name", ['"', "\\", "${SHELL(id)}", "$[1+1]", "a,b|c^d&e", "x\ny", "名", "(s)", "n" * 9000]
)
async def test_nothing_of_a_path_can_become_dialplan(tmp_path: Path, name: str) -> None:
    async def work(line: ChannelLine) -> None:
        await line.enqueue(Enqueue("front_desk", 60, "yue", ("menu", name, "agent")))

    switch = await on(Channel(), tmp_path, work)
    assert len(switch.commands) == len(set(switch.commands))  # no command became two
    said = told(switch.commands)
    for variable in ("__IVR_PATH", "CALLERID(name)"):
        assert not set(said[variable]) & set('"\\$[]{}(),|^&\n')
    assert said["__IVR_PATH"].endswith(">agent")
    assert len(said["__IVR_PATH"]) <= 200 and len(said["CALLERID(name)"]) <= 60
    assert said["CALLERID(name)"] == f"yue menu>{name}>agent" if name == "名" else True


async def test_the_switch_is_told_that_all_was_done(tmp_path: Path) -> None:
    async def work(line: ChannelLine) -> None:
        await line.hang_up(HangUp("bye"))

    channel = Channel()
    await on(channel, tmp_path, work)
    assert channel.variables["IVR_DONE"] == "1"


@pytest.mark.parametrize("fails", [1, 2])
async def test_a_sound_the_switch_cannot_play_is_made_once_more(
    fails: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channel, left = Channel(), [fails]

    def answer(command: str) -> str:
        reply = channel(command)
        if command.startswith("EXEC ExecIf") and left[0]:
            left[0] -= 1
            channel.variables["CPLAYBACKSTATUS"] = "ERROR"
            # It is gone from under us.
            channel.played[-1].unlink()
        return reply

    async def work(line: ChannelLine) -> None:
        if fails == 2:  # no silence is taken for what was said: the dialplan has her then
            with pytest.raises(Unplayable):
                await line.play(Play(UTTERANCE, 100))
        else:
            assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)

    await on(answer, tmp_path, work)
    assert caplog.text.count("could not play") == fails


async def test_a_message_that_is_gone_is_not_heard_and_the_call_goes_on(tmp_path: Path) -> None:
    channel = Channel()

    def answer(command: str) -> str:
        if not command.startswith("EXEC ExecIf"):
            return channel(command)
        channel.variables |= {"CPLAYBACKSTATUS": "ERROR", "CPLAYBACKOFFSET": "0"}
        return "200 result=0"

    async def work(line: ChannelLine) -> None:
        assert await line.play_back(PlayBack("c1-1.wav")) == ""

    await on(answer, tmp_path, work)


async def test_without_room_on_the_disk_nothing_is_recorded_and_no_tone_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(line: ChannelLine) -> None:
        monkeypatch.setattr("ivr.line.message.Messages.has_room", lambda messages: False)
        assert await line.record(Record(60, 5)) == Recorded("", 0.0, silent=True)

    channel = Channel()
    switch = await on(channel, tmp_path, work)
    assert not channel.played and not [x for x in switch.commands if x.startswith("RECORD")]


async def test_no_key_is_lost_while_the_taken_ones_are_cut_off(tmp_path: Path) -> None:
    channel, got, pressed = Channel(), list[str](), ""

    def answer(command: str) -> str:  # one key before every command once keys are kept
        nonlocal pressed
        first = ("ANSWER", "RX,IVR_KEYS_1")
        if len(pressed) < 3 * MOST_KEYS and (pressed or not any(w in command for w in first)):
            pressed += "0123456789*#"[len(pressed) % 12]
            channel.press(pressed[-1])
        return channel(command)

    async def work(line: ChannelLine) -> None:
        while len(pressed) < 3 * MOST_KEYS or (got and got[-1]):
            got.append(await line.listen(Listen(1)))

    await on(answer, tmp_path, work)
    assert "".join(got) == pressed


async def test_the_switch_takes_all_keys_of_a_number_at_once(tmp_path: Path) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.listen(Listen(4, wanted=3)) == "123"
        assert await line.listen(Listen(4, wanted=3)) == "4#"
        assert await line.listen(Listen(4, wanted=3)) == ""

    switch = await on(Channel("1", "2", "3", "4", "#", "-"), tmp_path, work)
    assert sum("Read(" in command for command in switch.commands) == 3


async def test_who_stops_in_the_middle_of_a_number_has_waited_already(tmp_path: Path) -> None:
    channel = Channel("1", "2", "-", "7")

    async def work(line: ChannelLine) -> None:
        assert await line.listen(Listen(4, wanted=9)) == "12"
        assert await line.listen(Listen(4, wanted=7)) == ""
        assert await line.listen(Listen(4, wanted=7)) == "7"

    await on(channel, tmp_path, work)


async def test_a_key_that_is_there_already_is_not_waited_for(tmp_path: Path) -> None:
    channel = Channel("9")

    async def work(line: ChannelLine) -> None:
        channel.press("5")
        assert await line.listen(Listen(4, wanted=9)) == "5"
        assert await line.listen(Listen(4, wanted=8)) == "9"

    await on(channel, tmp_path, work)


async def test_what_was_waited_for_is_forgotten_when_something_is_said(tmp_path: Path) -> None:
    async def work(line: ChannelLine) -> None:
        assert await line.listen(Listen(4, wanted=9)) == "1"
        assert await line.play(Play(UTTERANCE, 100)) == Heard("", 4)
        assert await line.listen(Listen(1)) == "2"

    await on(Channel("1", "-", "-", "2"), tmp_path, work)
