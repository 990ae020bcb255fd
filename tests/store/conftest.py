"""The records of calls in a new database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.store.calls import Calls
from tests.store.given import opened


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[Calls]:
    async with opened(tmp_path / "calls.db") as ready:
        yield ready
