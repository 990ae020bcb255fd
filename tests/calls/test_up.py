"""Coming up and going down: ports, side by side, in order, nothing left."""

import json
import os
import signal
import socket
import sqlite3
import stat
from pathlib import Path

import pytest

from ivr.phone import Phone
from tests.calls.hotline import Hotline, flows, until


def test_every_part_is_well_and_tells_its_process(hotline: Hotline) -> None:
    shown = hotline.ivr("status")
    assert shown.returncode == 0, shown.stderr
    assert [line.split()[:2] for line in shown.stdout.splitlines()] == [
        ["controller", "well"],
        ["switch", "well"],
        ["backend", "well"],
    ]


async def test_health_names_living_processes(hotline: Hotline) -> None:
    health = await hotline.get("/healthz")
    for part in health["parts"].values():
        os.kill(part["pid"], 0)
    assert health["ok"]


def test_secrets_are_private_and_shown_only_when_asked(hotline: Hotline) -> None:
    file = hotline.state / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert hotline.password("1001") not in hotline.ivr("agents").stdout
    assert hotline.password("1001") in hotline.ivr("agents", "--secrets").stdout


def test_no_secret_is_in_a_log_a_command_line_or_an_environment(hotline: Hotline) -> None:
    known = json.loads((hotline.state / "secrets.json").read_text())
    assert {"ami", "agi", "operator", "agent 1001"} <= set(known)
    secrets = {name: secret.encode() for name, secret in known.items()}
    kept = [*(hotline.state / "log").iterdir(), *hotline.state.glob("*.db*")]
    places = [*kept, *Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")]
    for place in places:
        try:
            text = place.read_bytes()
        except OSError:
            continue
        assert [name for name, secret in secrets.items() if secret in text] == [], place


def test_a_second_start_says_that_one_runs(hotline: Hotline) -> None:
    again = hotline.ivr("up")
    assert again.returncode == 1
    assert "already runs" in again.stderr and "--state-dir" in again.stderr


def test_a_taken_port_is_named_with_the_option_that_chooses_another(tmp_path: Path) -> None:
    other = Hotline(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", other.ports["http"]))
        taken.listen()
        said = other.ivr("up")
    assert said.returncode == 1
    assert f"port {other.ports['http']}" in said.stderr and "--http-port" in said.stderr
    assert other.left() == []


def test_a_broken_flow_is_refused_before_a_call_is_taken(tmp_path: Path) -> None:
    broken = flows(tmp_path, ("hotline, go: menu}", "hotline, go: mneu}"))
    said = Hotline(tmp_path, flows=str(broken)).ivr("up")
    assert said.returncode == 1
    assert "there is no node 'mneu'; did you mean 'menu'? [no-such-node]" in said.stderr


@pytest.mark.timeout(120)
async def test_it_runs_in_the_background_leaves_nothing_when_killed_and_ends_when_told(
    tmp_path: Path,
) -> None:
    other = Hotline(tmp_path)
    started = other.ivr("up", "--detach")
    assert started.returncode == 0, started.stderr
    assert "10086" in started.stdout
    os.kill(int(json.loads((other.state / "up.json").read_text())["pid"]), signal.SIGKILL)

    async def gone() -> bool:
        return other.left() == []

    await until(gone)
    # Nothing holds the place: another can stand there at once.
    again = other.ivr("up", "--detach")
    try:
        assert again.returncode == 0, again.stderr
        assert (await other.get("/healthz"))["ok"]
    finally:
        ended = other.ivr("down")
    assert ended.returncode == 0, ended.stderr
    await until(gone)
    assert "no hotline runs here" in other.ivr("down").stdout


@pytest.mark.timeout(120)
async def test_ctrl_c_ends_calls_in_order_and_writes_their_records(tmp_path: Path) -> None:
    other = Hotline(tmp_path)
    with other.running():
        async with Phone("13900000001") as phone:
            call = await phone.call("10086", other.sip)
            await call.answered(within=10)
            other.process.send_signal(signal.SIGINT)
            ended = await call.ended(within=20)
            assert ended.by_far_side
        other.process.wait(30)
    log = (other.state / "log" / "controller.log").read_text()
    assert "Traceback" not in log
    with sqlite3.connect(other.state / "calls.db") as records:
        rows = records.execute("select outcome, why from calls").fetchall()
    assert rows == [("abandoned", "the hotline was shut down in 'welcome'")]
