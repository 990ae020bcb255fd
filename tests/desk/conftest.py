"""A switch that speaks AMI, on a free port."""

from collections.abc import AsyncIterator

import pytest

from tests.desk.fake_switch import FakeSwitch, fake_switch


@pytest.fixture
async def switch() -> AsyncIterator[FakeSwitch]:
    async with fake_switch() as it:
        yield it
