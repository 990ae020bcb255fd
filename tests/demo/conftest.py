"""A demo back end with a database file of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ivr.demo.backend import application
from tests.demo.asking import Client


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with TestClient(TestServer(application(tmp_path / "demo.sqlite"))) as client:
        yield client
