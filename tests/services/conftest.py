"""The demo back end, on a free port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from ivr.demo.backend import application


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[TestServer]:
    server = TestServer(application(tmp_path / "demo.sqlite"))
    async with server:
        yield server
