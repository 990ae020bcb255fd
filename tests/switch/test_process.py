"""A real Asterisk on free ports, called by a peer that is one socket."""

import asyncio
import contextlib
import os
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ivr.switch.plan import Plan
from ivr.switch.process import Switch, start, stop_left
from ivr.switch.softswitch import SwitchError
from tests.switch.plans import a_plan, to_run
from tests.switch.rawsip import Peer

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(300)]

# What a call without a controller leaves in the log, and why.
EXPLAINED = (
    r"res_agi\.c: (Connecting to .* failed|Couldn't connect to any host)",  # there is none
    r"app_dtmfstore\.c: Cannot remove StoreDTMF",  # which had recorded nothing yet
    r"app_queue\.c: Unable to join queue",  # nobody is registered
)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return to_run(tmp_path, streams=20)


@pytest.fixture
async def switch(plan: Plan) -> AsyncIterator[Switch]:
    running = await start(plan)
    yield running
    await running.stop()


@contextlib.contextmanager
def peer(plan: Plan, user: str) -> Iterator[Peer]:
    one = Peer(plan.sip_port, user)
    with contextlib.closing(one):
        yield one


def unexplained(plan: Plan) -> list[str]:
    lines = (plan.state / "log" / "messages.log").read_text().splitlines()
    loud = [line for line in lines if re.search(r"\b(WARNING|ERROR)\b", line)]
    return [line for line in loud if not any(re.search(known, line) for known in EXPLAINED)]


async def test_it_boots_quietly_and_leaves_nothing(plan: Plan) -> None:
    running = await start(plan)
    shown = await running.console("module show")
    await running.stop()
    assert await running.ended() == 0
    # Those that are asked for, and the sixteen that Asterisk has in itself.
    asked = re.findall(r"^load = ", (plan.etc / "modules.conf").read_text(), re.M)
    assert f"{len(asked) + 16} modules loaded" in shown
    assert (plan.state / "log" / "messages.log").exists()
    text = (plan.state / "log" / "messages.log").read_text()
    assert not re.findall(r".*(?:WARNING|ERROR).*", text)
    with pytest.raises(ProcessLookupError):
        os.kill(running.pid, 0)
    assert not (plan.run / "asterisk.ctl").exists()
    assert await stop_left(plan) is False


async def test_a_call_without_a_controller_is_answered_and_ended_in_order(
    plan: Plan, switch: Switch
) -> None:
    def call() -> None:
        with peer(plan, "13800138000") as caller:
            assert caller.invite("10086").status == 200
            caller.asked("BYE")

    await asyncio.to_thread(call)
    assert unexplained(plan) == []


async def test_a_number_that_is_not_the_hotlines_is_refused(plan: Plan, switch: Switch) -> None:
    def call(number: str) -> int:
        with peer(plan, "13800138000") as caller:
            return caller.invite(number).status

    for number in ("99999", "1008", "100860", "1001", "s", "callers"):
        assert await asyncio.to_thread(call, number) == 404, number


async def test_who_calls_herself_an_agent_is_none_without_the_password(
    plan: Plan, switch: Switch
) -> None:
    def pretend() -> tuple[int, int, int]:
        with peer(plan, "1001") as one, peer(plan, "1001") as two, peer(plan, "1001") as three:
            return (
                one.invite("1002").status,
                two.invite("10086").status,
                three.register("not-the-password").status,
            )

    assert await asyncio.to_thread(pretend) == (401, 401, 401)
    assert "Not in use" not in await switch.console("queue show front_desk")


async def test_an_agent_registers_and_is_told_who_calls(plan: Plan, switch: Switch) -> None:
    def call() -> dict[str, str]:
        with peer(plan, "1002") as agent, peer(plan, "13800138000") as caller:
            assert agent.register(plan.agent_secrets["1002"]).status == 200
            assert caller.invite("10086").status == 200
            ringing = agent.asked("INVITE")
            agent.reply(ringing, "486 Busy Here")
            caller.asked("BYE")
            return ringing.headers

    with controller(
        plan,
        "ANSWER",
        "SET VARIABLE __IVR_LANGUAGE yue",
        'SET VARIABLE __IVR_PATH "welcome > 主菜单\\" > agent"',
        "EXEC Queue front_desk,b(agent-headers^s^1),,,2",
        "SET VARIABLE IVR_DONE 1",
    ) as heard:
        headers = await asyncio.to_thread(call)
    assert headers["x-ivr-language"] == "yue"
    assert headers["x-ivr-path"] == "welcome > 主菜单 > agent"
    assert headers["from"].startswith('"yue welcome > 主菜单 > agent" <sip:13800138000@')
    assert "agi_network_script: hotline" in heard
    assert "agi_extension: 10086" in heard
    assert unexplained(plan) == []


async def test_a_controller_that_dies_does_not_end_the_call(plan: Plan, switch: Switch) -> None:
    def call() -> None:
        with peer(plan, "1002") as agent, peer(plan, "13800138000") as caller:
            assert agent.register(plan.agent_secrets["1002"]).status == 200
            assert caller.invite("10086").status == 200
            agent.reply(agent.asked("INVITE"), "486 Busy Here")

    with controller(plan, "ANSWER"):
        await asyncio.to_thread(call)
    assert unexplained(plan) == []


@pytest.mark.parametrize(
    "user", ["138%0d%0a000", "138%07%00511", "%22138%22,$%7BEPOCH%7D;x", "9" * 500]
)
async def test_a_caller_number_is_digits_by_the_time_it_is_told(
    plan: Plan, switch: Switch, user: str
) -> None:
    def call() -> None:
        with peer(plan, user) as caller:
            assert caller.invite("10086").status == 200
            caller.asked("BYE")

    with controller(plan, "ANSWER", "SET VARIABLE IVR_DONE 1") as heard:
        await asyncio.to_thread(call)
    numbers = [line.split(": ")[1] for line in heard if line.startswith("agi_callerid:")]
    assert len(numbers) == 1
    assert re.fullmatch(r"[0-9]{1,32}", numbers[0])
    assert not [line for line in heard if not line.startswith("agi_")]


async def test_ami_tells_of_queues_and_does_nothing_else(plan: Plan, switch: Switch) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.ami_port)

    async def ask(*lines: str) -> str:
        writer.write(("\r\n".join(lines) + "\r\nActionID: mine\r\n\r\n").encode())
        while not (frame := await _frame(reader)).startswith("Response:"):
            continue
        return frame

    await reader.readline()
    login = await ask("Action: Login", "Username: controller", f"Secret: {plan.ami_secret}")
    assert "Response: Success" in login
    assert "Event: FullyBooted" in await _frame(reader)
    assert "Response: Success" in await ask("Action: QueueStatus")
    assert "Response: Success" in await ask("Action: Ping")
    for action in ("Command", "Originate", "UpdateConfig", "GetConfig", "Reload", "Setvar"):
        assert "Permission denied" in await ask(f"Action: {action}"), action
    writer.close()
    await writer.wait_closed()


async def test_a_port_that_is_taken_is_named_with_its_option(plan: Plan) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", plan.sip_port))
        with pytest.raises(SwitchError, match=f"UDP port {plan.sip_port}.*--sip-port"):
            await start(plan)
    wanted = pytest.raises(SwitchError, match=f"TCP port {plan.ami_port}.*--ami-port")
    with socket.create_server(("127.0.0.1", plan.ami_port)), wanted:
        await start(plan)


async def test_a_switch_that_does_not_come_up_tells_its_log(tmp_path: Path, plan: Plan) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    for path in plan.templates.glob("*.conf"):
        (folder / path.name).write_text(path.read_text())
    # AMI cannot do without this type, and Asterisk not without AMI.
    (folder / "stasis.conf").write_text(
        "[declined_message_types]\ndecline = ast_channel_dtmf_begin_type\n"
    )
    broken = a_plan(tmp_path, **{**vars(plan), "templates": folder})
    with pytest.raises(SwitchError, match=r"(?s)ended at once.*Failed to load module manager"):
        await start(broken)


async def test_a_switch_whose_starter_is_gone_can_be_stopped(plan: Plan) -> None:
    running = await start(plan)
    assert await stop_left(plan) is True
    assert await running.ended() == 0


async def test_it_works_under_a_very_long_path(tmp_path: Path, plan: Plan) -> None:
    deep = tmp_path / ("x" * 100)
    far = a_plan(tmp_path, **{**vars(plan), "etc": deep / "etc", "state": deep})
    running = await start(far)
    assert (far.run / "asterisk.ctl").is_socket()
    await running.stop()
    assert await running.ended() == 0
    assert not far.run.exists()


@contextlib.contextmanager
def controller(plan: Plan, *commands: str) -> Iterator[list[str]]:
    """Answer one FastAGI call with `commands`, then drop it; yields the lines of its preamble."""
    heard: list[str] = []
    with socket.create_server(("127.0.0.1", plan.agi_port)) as server:

        def serve() -> None:
            server.settimeout(20)
            call, _ = server.accept()
            server.close()  # nobody is there for the call again
            with call, call.makefile("rwb") as stream:
                while line := stream.readline().decode().strip():
                    heard.append(line)
                for command in commands:
                    stream.write(f"{command}\n".encode())
                    stream.flush()
                    assert stream.readline().startswith(b"200 result="), command

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield heard
        finally:
            thread.join(30)


async def _frame(reader: asyncio.StreamReader) -> str:
    async with asyncio.timeout(5):
        return (await reader.readuntil(b"\r\n\r\n")).decode()
