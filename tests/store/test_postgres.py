"""PostgreSQL killed while calls end and promises are given: each is there afterwards, once."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from ivr.records import callbook
from ivr.records.callbook import RECORD
from ivr.records.pending import Pending
from ivr.store.calls import Calls
from ivr.store.database import Database, StoreError
from tests.postgres import Postgres, lacking, postgres
from tests.records.given import a_record
from tests.until import until

pytestmark = [pytest.mark.skipif(bool(lacking()), reason=lacking()), pytest.mark.timeout(120)]

KILLS = 3
WRITERS = 4


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


async def test_what_ends_while_it_is_killed_again_and_again_is_there_once(
    server: Postgres, tmp_path: Path
) -> None:
    async with await Database.open(server.url) as database:
        calls, luck = Calls(database), random.Random(7)
        pending = Pending(tmp_path / "pending", {RECORD: callbook.taker(calls)})
        written, waited, is_over = list[str](), list[str](), False

        async def writes(number: int) -> None:
            count = 0
            while not is_over:
                count += 1
                record = a_record(f"{number}.{count}", datetime.now(UTC), outcome="finished")
                try:
                    await calls.write(record)
                    written.append(record.id)
                except StoreError:
                    await pending.keep(RECORD, record.id, record.model_dump_json(by_alias=True))
                    waited.append(record.id)
                await asyncio.sleep(0.02)

        def came(many: int) -> bool:
            return len(waited) >= many

        async with pending.writing():
            writers = [asyncio.create_task(writes(number)) for number in range(WRITERS)]
            for _ in range(KILLS):
                await asyncio.sleep(luck.uniform(0.2, 0.5))
                due = len(waited) + 1
                await asyncio.to_thread(server.kill)
                await until(partial(came, due))
                await asyncio.to_thread(server.start)
            await asyncio.sleep(0.3)
            is_over = True
            await asyncio.gather(*writers)
            await until(lambda: not any((tmp_path / "pending").iterdir()), within=30)
        assert written
        there = [record.id for record in await calls.latest(1000)]
        assert sorted(there) == sorted(written + waited)


async def test_a_server_that_hangs_holds_an_access_for_a_time_and_no_longer(
    server: Postgres,
) -> None:
    async with await Database.open(server.url) as database:
        server.signal(signal.SIGSTOP)
        try:
            began = asyncio.get_running_loop().time()
            with pytest.raises(StoreError, match="no answer within 3 s"):
                await Calls(database).write(a_record("h.1", datetime.now(UTC)))
            assert asyncio.get_running_loop().time() - began < 4
        finally:
            server.signal(signal.SIGCONT)
        await Calls(database).write(a_record("h.1", datetime.now(UTC)))
