"""A folder of takes."""

from pathlib import Path

import pytest

from ivr.speech.takes import Takes
from tests.speech.keeping import BALANCE, BYE, HELLO, keep


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three takes in two languages."""
    takes = Takes.load(tmp_path / "takes")
    with takes.together():
        keep(takes, BALANCE, "your_balance.1")
        keep(takes, HELLO, "hello.1")
        keep(takes, BYE, "bye.1", 400)
    return tmp_path / "takes"
