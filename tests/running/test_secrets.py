"""Secrets: private, made once, the same for everybody who starts at the same moment."""

import fcntl
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.errors import IvrError
from ivr.running import secrets

AGENTS = ("1001", "1002")

# Several processes wait for one gate, then all load at once, from one state after the other.
ROUNDS = 40
LOAD = f"""
import fcntl, json, sys
from pathlib import Path
from ivr.running import secrets
home = Path(sys.argv[1])
print("ready", flush=True)
with (home / "gate").open() as gate:
    fcntl.flock(gate, fcntl.LOCK_SH)
    print(json.dumps([secrets.load(home / str(n), sys.argv[2:]) for n in range({ROUNDS})]))
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_link_to_the_switch_the_operator_and_each_agent_have_one(tmp_path: Path) -> None:
    known = secrets.load(tmp_path, AGENTS)
    assert set(known) == {secrets.AMI, secrets.AGI, secrets.OPERATOR, "agent 1001", "agent 1002"}
    assert len(set(known.values())) == 5
    assert all(len(secret) >= 20 for secret in known.values())
    assert secrets.agent_secrets(known) == {n: known[f"agent {n}"] for n in AGENTS}


def test_who_uses_the_api_is_the_operator_or_an_agent_there_is(tmp_path: Path) -> None:
    known = secrets.load(tmp_path, AGENTS)
    users = secrets.users(tmp_path, ["1002"])
    assert users == {"1002": known["agent 1002"], "operator": known[secrets.OPERATOR]}


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    state = tmp_path / "a" / "state"
    secrets.load(state, AGENTS)
    assert mode(state) == 0o700
    assert mode(state / secrets.FILE) == 0o600
    assert sorted(path.name for path in state.iterdir()) == [secrets.FILE, "secrets.lock"]
    assert not (state / "secrets.lock").read_bytes()


def test_a_state_directory_that_was_open_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    secrets.load(tmp_path, AGENTS)
    assert mode(tmp_path) == 0o700


def test_they_are_made_once_and_kept(tmp_path: Path) -> None:
    first = secrets.load(tmp_path, AGENTS)
    written = (tmp_path / secrets.FILE).stat().st_mtime_ns
    assert secrets.load(tmp_path, AGENTS) == first
    assert (tmp_path / secrets.FILE).stat().st_mtime_ns == written


def test_a_new_agent_gets_one_and_the_others_keep_theirs(tmp_path: Path) -> None:
    first = secrets.load(tmp_path, AGENTS)
    second = secrets.load(tmp_path, [*AGENTS, "1003"])
    assert second == first | {"agent 1003": second["agent 1003"]}
    assert secrets.load(tmp_path, AGENTS) == second
    assert mode(tmp_path / secrets.FILE) == 0o600


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '"ami"', '{"ami": 5}', '{"ami": null}', "\0", "3", '{"ami": ["x"]}']
)
def test_a_broken_file_is_told_with_its_path_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / secrets.FILE
    file.write_text(text)
    with pytest.raises(IvrError, match=f"{secrets.FILE}: secrets cannot be kept here"):
        secrets.load(tmp_path, AGENTS)
    assert file.read_text() == text


def test_what_is_wrong_is_told_without_what_is_secret(tmp_path: Path) -> None:
    (tmp_path / secrets.FILE).write_text('{"ami": ["canary"], "agent 1001": "canary"')
    with pytest.raises(IvrError) as fault:
        secrets.load(tmp_path, AGENTS)
    assert "canary" not in str(fault.value)


def test_a_place_that_is_no_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(IvrError, match="secrets cannot be kept here"):
        secrets.load(tmp_path / "state", AGENTS)


def test_who_reads_them_waits_for_nobody(tmp_path: Path) -> None:
    known = secrets.load(tmp_path, AGENTS)
    with (tmp_path / "secrets.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reads = (
            "import sys; from pathlib import Path; from ivr.running import secrets; "
            "secrets.load(Path(sys.argv[1]), sys.argv[2:])"
        )
        subprocess.run(
            [sys.executable, "-c", reads, str(tmp_path), *AGENTS], check=True, timeout=15
        )
    assert secrets.load(tmp_path, AGENTS) == known


def test_all_who_start_at_once_agree(tmp_path: Path) -> None:
    words = [sys.executable, "-c", LOAD, str(tmp_path), *AGENTS]
    with (tmp_path / "gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        starting = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        for one in starting:
            assert one.stdout and one.stdout.readline() == "ready\n"
    said = [json.loads(one.communicate(timeout=30)[0]) for one in starting]
    files = [tmp_path / str(n) / secrets.FILE for n in range(ROUNDS)]
    assert said == [[json.loads(file.read_text()) for file in files]] * 3
