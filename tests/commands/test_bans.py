"""`ivr bans`, as a person types it."""

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.switch import gatekeeper
from ivr.switch.strangers import Ban, Kept
from tests.stage import ROOT


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    state = tmp_path / "state"
    state.mkdir()
    monkeypatch.setenv("IVR_ROOT", str(ROOT))
    monkeypatch.setenv("IVR_STATE_DIR", str(state))
    return state


def ivr(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, words)
    return done.exit_code, done.stdout + done.stderr


def test_who_is_banned_is_listed_and_let_in_again(state: Path) -> None:
    now = time.time()
    bans = {"192.0.2.7": Ban(now + 700, 2), "192.0.2.8": Ban(now - 1), "192.0.2.9": Ban(now + 60)}
    gatekeeper.keep(state, Kept(bans, {"192.0.2.1": now}))
    code, said = ivr("bans")
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == ["192.0.2.7", "192.0.2.9"]
    assert said.splitlines()[0].endswith("0:11:40; time 2")
    assert ivr("bans", "lift", "192.0.2.7") == (0, "192.0.2.7 is heard again\n")
    assert set(gatekeeper.kept(state).bans) == {"192.0.2.8", "192.0.2.9"}
    assert gatekeeper.kept(state).known == {"192.0.2.1": now}


def test_who_is_not_banned_is_told_with_the_nearest(state: Path) -> None:
    gatekeeper.keep(state, Kept({"192.0.2.7": Ban(time.time() + 60)}))
    code, said = ivr("bans", "lift", "192.0.2.77")
    assert code == 1 and "192.0.2.77 is not banned; did you mean '192.0.2.7'?" in said


def test_nobody_is_told_so_and_a_broken_file_is_told(state: Path) -> None:
    assert ivr("bans") == (0, "nobody is banned\n")
    (state / gatekeeper.FILE).write_text("{")
    code, said = ivr("bans")
    assert code == 1 and "gate.json cannot be read" in said
