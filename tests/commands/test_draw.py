"""`ivr draw`: which picture, of which flows, into which file."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr import cli
from ivr.store.calls import Calls
from ivr.store.database import Database
from tests.stage import ROOT
from tests.store.given import record


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_ROOT", str(ROOT))
    monkeypatch.chdir(tmp_path)


def draw(*words: str) -> tuple[int, str]:
    said = CliRunner().invoke(cli.app, ["draw", *words])
    return said.exit_code, " ".join(said.output.split())


def test_mermaid_is_printed() -> None:
    code, said = draw("hotline")
    assert code == 0 and said.startswith("flowchart TD start([")


def test_links_lead_from_where_the_picture_is_to_the_line(tmp_path: Path) -> None:
    assert draw("hotline", "--format", "html", "--output", "h.html")[0] == 0
    page = (tmp_path / "h.html").read_text(encoding="utf-8")
    href = next(
        part.partition('"')[0] for part in page.split('xlink:href="')[1:] if ".yaml#L" in part
    )
    file, _, line = href.partition("#L")
    text = (tmp_path / file).read_text(encoding="utf-8").splitlines()
    assert text[int(line) - 1].startswith("  welcome:")


async def keep_two_calls(database: Path) -> None:
    opened = await Database.open(f"sqlite+aiosqlite:///{database}")
    for id in ("1.1", "1.2"):
        await Calls(opened).begin(record(id))
    await opened.close()


def test_traffic_is_that_of_the_calls_that_were_kept(tmp_path: Path) -> None:
    asyncio.run(keep_two_calls(tmp_path / "calls.db"))
    code, said = draw("hotline", "--traffic", "--state-dir", str(tmp_path))
    assert code == 0
    assert '("welcome<br/>language<br/>100%")' in said
    assert '("menu<br/>menu main_menu<br/>0%")' in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hotlin"], "did you mean 'hotline'?"),
        (["--traffic"], "no call was kept in"),
        (["--coverage", "no.json"], "no.json"),
        (["--traffic", "--coverage", "no.json"], "a picture shows one of them"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    words: list[str], said: str, tmp_path: Path
) -> None:
    code, told = draw(*words, "--state-dir", str(tmp_path / "state"))
    assert code == 1 and said in told and "Traceback" not in told
