"""publish, versions, diff, promote and rollback, as a person types them; no hotline runs."""

import os
import pwd
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
import soundfile
from typer.testing import CliRunner

from ivr.cli import app
from ivr.flow.speech import Clip
from ivr.speech import announced
from tests.speech.sound import tone
from tests.stage import ROOT, furnish

Ivr = Callable[..., str]


FLOW = """
flow: hotline
languages: [en]
start: queue
nodes:
  queue:
    queue: front_desk
    longest: 60s
    answered: bye
    unanswered: bye
  bye: hangup
"""


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """A flow that says nothing, so that nothing has to be built for it."""
    for name in ("flows", "prompts"):
        (tmp_path / name).mkdir()
    file = tmp_path / "flows/hotline.yaml"
    file.write_text(FLOW)
    shutil.copy(ROOT / "flows" / "hours.yaml", file.parent)
    furnish(tmp_path)
    return file


@pytest.fixture
def ivr(flow: Path, monkeypatch: pytest.MonkeyPatch, no_settings: None) -> Ivr:
    """Run `ivr` on that flow, with a state of its own; `code` is how it has to end."""
    home = flow.parent.parent
    settings = {name.upper(): home / name for name in ("flows", "prompts")}
    settings |= {name.upper(): home / f"{name}.yaml" for name in ("desks", "agents")}
    settings |= {"ROOT": ROOT, "STATE_DIR": home / "state"}
    for name, value in settings.items():
        monkeypatch.setenv(f"IVR_{name}", str(value))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.stderr if code else result.stdout

    return run


def change(flow: Path, old: str, new: str) -> None:
    text = flow.read_text()
    assert old in text
    flow.write_text(text.replace(old, new, 1))


def states(table: str) -> list[list[str]]:
    """The rows of `ivr versions`: state and why."""
    rows = [re.split(r"\s*│\s*", line)[1:-1] for line in table.splitlines() if "│" in line]
    return [[row[4], row[5]] for row in rows]


def test_a_version_is_published_tried_out_promoted_and_taken_back(ivr: Ivr, flow: Path) -> None:
    assert "nothing was published yet; no hotline runs here" in ivr("versions")
    assert "from the next start calls are led by" in ivr("publish", "-m", "first")
    change(flow, "longest: 60s", "longest: 50s")
    changed = ivr("diff").splitlines()
    assert [line for line in changed if line[:1] in "+-" and line[:3] not in ("+++", "---")] == [
        "-    longest: 60s",
        "+    longest: 50s",
    ]
    assert ", 5% of them by " in ivr("publish", "-m", "50 s are [enough]", "--canary", "5%")
    assert states(ivr("versions")) == [["canary 5%", "50 s are [enough]"], ["serves", "first"]]
    assert ivr("promote")
    assert states(ivr("versions"))[0] == ["serves", "50 s are [enough]"]
    assert ivr("diff") == ""
    assert ivr("rollback", "-m", "too short")
    assert states(ivr("versions")) == [
        ["rolled back: too short", "50 s are [enough]"],
        ["serves", "first"],
    ]
    assert "there is no version before" in ivr("rollback", code=1)


def test_who_goes_back_has_what_is_announced_at_the_speeds_of_then(
    ivr: Ivr, flow: Path, tmp_path: Path
) -> None:
    change(flow, "languages: [en]", "languages: [en]\nspeeds: [75%]")
    ivr("publish", "-m", "first")
    change(flow, "speeds: [75%]\n", "")
    ivr("publish", "-m", "second")
    file, clip = tmp_path / "notice.wav", Clip("notice", "en")
    soundfile.write(file, tone(300, 0.5), 24_000)
    folder = tmp_path / "state/announcements/3f9a2c"
    announced.make(
        folder, [], {clip: file}, {}, {}, (100,), ("alaw",), lambda done, of: None, print
    )
    ivr("rollback", "-m", "too fast")
    assert announced.heard(folder).missing([clip], (75, 100), ("alaw",)) == []


def test_files_with_mistakes_are_not_published_and_every_mistake_is_shown(
    ivr: Ivr, flow: Path
) -> None:
    change(flow, "answered: bye", "answered: bey")
    shown = ivr("publish", "-m", "first", code=1)
    assert "there is no node 'bey'; did you mean 'bye'?" in shown and "1 to mend" in shown
    assert "nothing was published yet" in ivr("versions")


def test_a_version_whose_tests_fail_is_not_published_and_the_call_is_shown(
    ivr: Ivr, flow: Path
) -> None:
    call = "flow: hotline\ncalls: [{name: she is answered, ends: {outcome: OUTCOME}}]\n"
    tests = flow.with_name("hotline.test.yaml")
    tests.write_text(call.replace("OUTCOME", "finished"))
    said = ivr("publish", "-m", "first", code=1)
    assert "1 of 1 tests failed; nothing is published" in said
    assert "nothing was published yet" in ivr("versions")
    tests.write_text(call.replace("OUTCOME", "answered"))
    assert "from the next start" in ivr("publish", "-m", "first")


@pytest.mark.parametrize("share", ["0%", "100%", "five", "5.5%", "-1%"])
def test_a_share_that_is_none_is_told(ivr: Ivr, share: str) -> None:
    assert f"not '{share}'" in ivr("publish", "-m", "x", f"--canary={share}", code=1)


def test_nothing_is_published_without_a_reason(ivr: Ivr) -> None:
    assert "--message: say in a few words why" in ivr("publish", "-m", " ", code=1)
    assert "nothing was published yet" in ivr("versions")


def test_what_serves_is_not_published_twice(ivr: Ivr) -> None:
    ivr("publish", "-m", "first", "--author", "ada")
    assert "serves already" in ivr("publish", "-m", "again", code=1)
    assert "ada" in ivr("versions")


def test_who_has_no_name_in_a_container_is_told_by_number(
    ivr: Ivr, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(number: int) -> NoReturn:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    ivr("publish", "-m", "first")
    assert f"user {os.getuid()}" in ivr("versions")


def test_two_versions_are_compared_by_how_their_names_begin(ivr: Ivr, flow: Path) -> None:
    assert "nothing was published yet" in ivr("diff", code=1)
    ivr("publish", "-m", "first")
    change(flow, "longest: 60s", "longest: 50s")
    ivr("publish", "-m", "second")
    change(flow, "longest: 50s", "longest: 40s")
    second, first = re.findall(r"^│ (\w{10}) ", ivr("versions"), re.M)
    assert "+    longest: 50s" in ivr("diff", first, second)
    assert "+    longest: 60s" in ivr("diff", second[:6], first[:6])
    assert "-    longest: 60s\n+    longest: 40s" in ivr("diff", first)
    assert "there is no version 'nobody'; `ivr versions` lists them" in ivr(
        "diff", "nobody", code=1
    )
