"""What is at this moment, for Prometheus: who waits, who is on duty, what is promised, what is up.

Nothing is kept here: a scrape takes the readings of now (`ivr/telemetry/readings.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from ivr.store.database import StoreError
from ivr.store.outstanding import Outstanding
from ivr.telemetry import readings

# Seconds; a scrape that takes longer is no scrape, and the rest is worth having.
DATABASE = 2.0

Reading = Callable[[], Iterable[Metric]]


class Promises(Protocol):
    """Where promised calls back are counted; may raise StoreError."""

    async def count(self, now: datetime) -> Outstanding: ...


class Gauges(Collector):
    """Tells what is now: `tell` is a whole scrape, with what `registry` has counted."""

    def __init__(
        self,
        registry: CollectorRegistry,
        house: Sequence[Reading],
        promises: Promises,
        dropped: Callable[[], int | None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`house` is read on the loop, where what it reads lives.

        `dropped` tells how many datagrams for SIP the kernel has, and is asked in a thread.
        """
        self._registry = registry
        self._house = house
        self._promises = promises
        self._dropped = dropped
        self._clock = clock
        self._now: Sequence[Metric] = ()
        registry.register(self)

    async def tell(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics and their content type, in the form that the asker accepts."""
        outstanding: Outstanding | None = None
        try:
            async with asyncio.timeout(DATABASE):
                outstanding = await self._promises.count(self._clock())
        except (StoreError, TimeoutError):
            pass  # Told as ivr_database_up.
        told = [metric for reading in self._house for metric in reading()]
        self._now = [*told, *readings.promises(outstanding)]
        encode, content_type = choose_encoder(accept)
        # Writing 3,000 series takes 20 ms, which no caller's key shall wait for.
        return await asyncio.to_thread(encode, self._registry), content_type

    def collect(self) -> Iterable[Metric]:
        """Return what was when a scrape was last asked for: board and ledger are the loop's."""
        yield from self._now
        # Of thousands of sockets the kernel makes its list for milliseconds; here no call waits.
        yield from readings.datagrams(self._dropped())
