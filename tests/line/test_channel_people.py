"""A caller on a channel who is brought to a person, and what comes of it."""

import re
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from ivr.desk.order import TENTHS_UNTIL_THEN
from ivr.flow.effects import (
    Dial,
    DialOutcome,
    Enqueue,
    Listen,
    Queued,
    QueueOutcome,
)
from ivr.line.channel import ChannelLine
from ivr.line.dialling import DIAL_OUTCOMES
from ivr.line.queueing import QUEUE_OUTCOMES
from tests.fake_asterisk import words
from tests.line.given import WAIT
from tests.line.switch import Channel, bare, on


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
    assert "GOSUB keys-kept s 1 IVR_KEYS_2" in switch.commands[at:]


async def test_a_clock_put_forward_ends_no_wait_that_is_not_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, by = 1_800_000_000.0, iter((3600.0, 0.0))

    class Stepped(Channel):
        """Whose wait is ended by the clock, and then by nobody's answer."""

        def _execute(self, application: str, argument: str) -> str:
            nonlocal clock
            if application == "Queue":
                clock += next(by)
            return super()._execute(application, argument)

    async def work(line: ChannelLine) -> None:
        clocks = SimpleNamespace(time=lambda: clock, monotonic=time.monotonic)
        monkeypatch.setattr("ivr.line.queueing.time", clocks)
        assert await line.enqueue(WAIT) == Queued("unanswered")

    switch = await on(Stepped(queue={"QUEUESTATUS": "TIMEOUT"}), tmp_path, work)
    queues = [bare(line)[2] for line in switch.commands if line.startswith("EXEC Queue")]
    assert queues == ["front_desk,ctb(agent-headers^s^1),,,60"] * 2


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
@pytest.mark.parametrize("hangs_up", ["EXEC Queue", "GET FULL", "SET", "GOSUB keys-kept"])
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


def told(commands: list[str]) -> dict[str, str]:
    """Return the variables that were set as she went into the queue."""
    (queue,) = [w[2] for w in map(words, commands) if w[:2] == ["EXEC", "Queue"]]
    return dict(re.findall(r"\$\{SET\(([\w()]+)=([^)]*)\)", queue))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("welcome menu agent queue", "yue welcome>menu>agent>queue"),
        # Her language is not cut off for the length of her way, and no node is cut in two.
        (
            "which_number other_balance tell_balance agent connecting queue",
            "yue other_balance>tell_balance>agent>connecting>queue",
        ),
        ("n" * 99, "yue " + "n" * 56),
    ],
)
async def test_a_name_has_her_language_and_the_last_of_her_way(
    tmp_path: Path, path: str, shown: str
) -> None:
    async def work(line: ChannelLine) -> None:
        await line.enqueue(Enqueue("front_desk", 60, "yue", tuple(path.split())))

    switch = await on(Channel(), tmp_path, work)
    assert told(switch.commands)["CALLERID(name)"] == shown


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
