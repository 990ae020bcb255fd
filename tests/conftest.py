import os
import shutil
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

from ivr import config
from ivr.store.database import Database
from tests.hearing.listener import Listener, listening
from tests.hearing.place import lacking
from tests.stage import ROOT

# How long an example takes is the machine's business: speed is measured in bench/.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Without a phone no call can be placed: pjsua2 has packages for Python 3.11 and 3.12 only.
HAS_PHONE = find_spec("pjsua2") is not None
collect_ignore = [] if HAS_PHONE else ["calls"]


def pytest_report_header() -> list[str]:
    return [] if HAS_PHONE else ["no calls are placed: pjsua2 is not installed"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(("tests/calls/", "tests/phone/")):
            item.add_marker(pytest.mark.realtime)


@pytest.fixture(autouse=True)
def as_at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands print for people, where the tests themselves run in a workflow too."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the settings of whoever runs the tests: none counts but those of the test."""
    for name in [name for name in os.environ if name.startswith("IVR_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def checkout(tmp_path: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What authors edit, in a place of its own where no hotline runs."""
    for name in ("flows", "prompts", "asterisk-config"):
        (tmp_path / name).mkdir()
        for file in (ROOT / name).glob("*.yaml"):
            shutil.copy(file, tmp_path / name)
    shutil.copy(ROOT / config.FILE, tmp_path)
    monkeypatch.setenv("IVR_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """The database of a hotline whose state is in the folder of the test."""
    async with await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}") as ready:
        yield ready


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """The recogniser that writes down what callers hear; without it the test is skipped."""
    if why := lacking():
        pytest.skip(why)
    with listening() as running:
        yield running
