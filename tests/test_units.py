"""The unit for systemd: what it starts is there, and what it may do is little."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stage import ROOT

UNIT = ROOT / "docs" / "systemd" / "ivr.service"
PAGE = ROOT / "docs" / "operations.md"
HOME = "/opt/ivr"


def settings(section: str) -> dict[str, list[str]]:
    """Return the settings of a section; one that is given twice has two values."""
    found: dict[str, list[str]] = {}
    here = ""
    for line in UNIT.read_text().splitlines():
        if line.startswith("["):
            here = line.strip("[]")
        elif line and not line.startswith("#") and here == section:
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_what_is_started_is_there_and_is_started_again() -> None:
    service = settings("Service")
    (command,) = service["ExecStart"]
    assert command == f"{HOME}/.venv/bin/ivr up"
    assert service["ExecReload"] == [f"{HOME}/.venv/bin/ivr restart"]
    assert service["Restart"] == ["always"]
    # `ivr up` itself says that it is ready, and that it lives (ivr/running/notify.py).
    assert (service["Type"], service["NotifyAccess"]) == (["notify"], ["main"])
    assert int(service["WatchdogSec"][0]) >= 5
    # It takes its parts down in order; none is killed before it had its time.
    assert service["KillMode"] == ["mixed"] and int(service["TimeoutStopSec"][0]) >= 3 * 15
    assert settings("Install") == {"WantedBy": ["multi-user.target"]}


def test_it_runs_without_rights_and_writes_where_it_must() -> None:
    service = settings("Service")
    assert service["User"] == ["ivr"]
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == [""]
    assert service["ProtectSystem"] == ["strict"]
    assert service["ReadWritePaths"] == [f"{HOME}/var {HOME}/prompts/built"]
    assert service["SystemCallFilter"] == ["@system-service", "pidfd_getfd"]
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert service[name] == ["yes"], name


def test_what_it_needs_is_made_as_the_page_says() -> None:
    page = PAGE.read_text()
    for path in settings("Service")["ReadWritePaths"][0].split():
        assert path.removeprefix(f"{HOME}/") in page
    assert "docs/systemd/ivr.service" in page


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_can_read_it(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    # Neither the checkout's place nor the account is on this machine.
    text = UNIT.read_text().replace(f"{HOME}/.venv/bin/ivr", sys.executable)
    unit.write_text(text.replace("User=ivr", "User=root").replace("Group=ivr", "Group=root"))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
