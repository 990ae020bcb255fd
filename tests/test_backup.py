"""A copy made while the hotline runs, and put back: as docs/operations.md says, word by word."""

import subprocess
import sys
from pathlib import Path

from ivr.store.bookings import Bookings
from ivr.store.database import Database
from tests.pages import one
from tests.stage import ROOT
from tests.store.test_bookings import FIRST, OTHER

PAGE = ROOT / "docs" / "operations.md"


def run(tag: str, place: Path) -> None:
    (place / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    python = place / ".venv" / "bin" / "python"
    if not python.exists():
        python.symlink_to(sys.executable)
    subprocess.run(["bash", "-euc", one(PAGE, f"bash {tag}")], cwd=place, check=True)


async def test_a_copy_has_what_was_written_until_then_and_leads_on_from_there(
    tmp_path: Path,
) -> None:
    state = tmp_path / "var"
    (state / "recordings").mkdir(parents=True, mode=0o700)
    (state / "recordings" / "c1-1.wav").write_bytes(b"her voice")
    (state / "secrets.json").write_text("{}")
    (state / "secrets.json").chmod(0o600)
    url = f"sqlite+aiosqlite:///{state / 'calls.db'}"
    database = await Database.open(url)
    first = await Bookings(database).keep(FIRST)
    run("backup", tmp_path)  # with the database open, and what was written in its journal
    await Bookings(database).keep(OTHER)
    (state / "recordings" / "c1-1.wav").unlink()
    await database.close()

    run("restore", tmp_path)
    database = await Database.open(url)
    assert await Bookings(database).open() == {first.id: first}
    await database.close()
    assert (state / "recordings" / "c1-1.wav").read_bytes() == b"her voice"
    for name, mode in (
        (".", 0o700),
        ("secrets.json", 0o600),
        ("calls.db", 0o600),
        ("recordings", 0o700),
    ):
        assert (state / name).stat().st_mode & 0o777 == mode, name


def test_a_hotline_without_a_recording_can_be_copied(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secrets.json").write_text("{}")
    run("backup", tmp_path)
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700
