"""What is at this moment, for Prometheus: who waits, who is on duty, what is promised, what is up.

Nothing is kept here: a scrape reads the board, the ledger and the database. What is not known just
now (the link to the switch is down, the database does not answer) is left out instead of being old.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from ivr.desk.agenda import State
from ivr.desk.ledger import Sums
from ivr.desk.lines import desk_of
from ivr.desk.snapshot import AgentState, Snapshot
from ivr.store.database import StoreError
from ivr.store.outstanding import Outstanding
from ivr.versions.served import Led

# Seconds; a scrape that takes longer is no scrape, and the rest is worth having.
DATABASE = 2.0


class Promises(Protocol):
    """Where promised calls back are counted; may raise StoreError."""

    async def count(self, now: datetime) -> Outstanding: ...


class Gauges(Collector):
    """Tells what is now: `tell` is a whole scrape, with what `registry` has counted.

    `most_calls` is the limit on calls at once, `alive` whether the switch answers, `services`
    whether each back end is asked, `pending` how much waits for the database, `stands_by` whether
    another controller is ready to take over, `dropped` how many datagrams for SIP the kernel has.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        calls: Callable[[], int],
        most_calls: int,
        alive: Callable[[], bool],
        board: Callable[[], Snapshot],
        sums: Callable[[], dict[str, Sums]],
        led: Callable[[], Led],
        promises: Promises,
        services: Callable[[], Mapping[str, bool]],
        pending: Callable[[], int],
        stands_by: Callable[[], bool],
        dropped: Callable[[], int | None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._registry = registry
        self._calls = calls
        self._most_calls = most_calls
        self._alive = alive
        self._board = board
        self._sums = sums
        self._led = led
        self._promises = promises
        self._services = services
        self._pending = pending
        self._stands_by = stands_by
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
        self._now = list(self._look(outstanding))
        encode, content_type = choose_encoder(accept)
        # Writing 3,000 series takes 20 ms, which no caller's key shall wait for.
        return await asyncio.to_thread(encode, self._registry), content_type

    def collect(self) -> Iterable[Metric]:
        """Return what was when a scrape was last asked for: board and ledger are the loop's."""
        yield from self._now
        # Of thousands of sockets the kernel makes its list for milliseconds; here no call waits.
        if (dropped := self._dropped()) is not None:
            text = "Datagrams for the SIP port that the kernel dropped."
            yield CounterMetricFamily("ivr_sip_datagrams_dropped", text, value=dropped)

    def _look(self, outstanding: Outstanding | None) -> Iterator[Metric]:
        yield _gauge("ivr_calls_in_progress", "Calls led now.", self._calls())
        yield _gauge("ivr_calls_limit", "Calls that may be led at once.", self._most_calls)
        yield _gauge("ivr_switch_up", "1 while the switch answers on AMI.", self._alive())
        ready = "1 while another controller is ready to take over."
        yield _gauge("ivr_standby_ready", ready, self._stands_by())
        up = outstanding is not None
        yield _gauge("ivr_database_up", "1 if the database answered this scrape.", up)
        tasks = len(asyncio.all_tasks())
        yield _gauge("ivr_tasks", "What the controller does side by side.", tasks)
        waits = "Records and promises that wait for the database."
        yield _gauge("ivr_pending_writes", waits, self._pending())
        led = self._led()
        serving = GaugeMetricFamily(
            "ivr_serving", "By what new calls are led.", labels=("version", "origin", "canary")
        )
        serving.add_metric((led.serves, led.origin, led.canary), 1)
        yield serving
        trouble = "1 while a version that was published cannot be taken."
        yield _gauge("ivr_version_trouble", trouble, bool(led.trouble))
        service = GaugeMetricFamily(
            "ivr_service_up", "0 while a back end is left alone, as it fails.", labels=("service",)
        )
        for name, is_well in self._services().items():
            service.add_metric((name,), float(is_well))
        yield service
        yield self._offered()
        board = self._board()
        if board.stale_since is None:
            yield from _desks(board, self._clock())
        if outstanding:
            yield from _promised(outstanding)

    def _offered(self) -> Metric:
        offered = CounterMetricFamily(
            "ivr_desk_callers_offered", "Callers who came to a desk.", labels=("desk",)
        )
        for desk, sums in self._sums().items():
            offered.add_metric((desk,), sums.offered)
        return offered


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))


def _desks(board: Snapshot, now: datetime) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "ivr_desk_callers_waiting", "Callers who wait on the phone.", labels=("desk",)
    )
    longest = GaugeMetricFamily(
        "ivr_desk_longest_wait_seconds", "How long the first of them has waited.", labels=("desk",)
    )
    agents = GaugeMetricFamily(
        "ivr_desk_agents", "Agents of a desk, by what they do.", labels=("desk", "state")
    )
    since: dict[str, list[datetime]] = {desk_of(queue.name): [] for queue in board.queues}
    for queue in board.queues:
        since[desk_of(queue.name)] += [one.since for one in queue.callers if not one.is_booked]
    states = Counter[tuple[str, AgentState]]()
    for agent in board.agents:
        # She stands in each line of a desk.
        states.update((desk, agent.state) for desk in {desk_of(name) for name in agent.queues})
    for desk, began in since.items():
        waiting.add_metric((desk,), len(began))
        first = min(began, default=now)
        longest.add_metric((desk,), max(0.0, (now - first).total_seconds()))
        for state in AgentState:
            agents.add_metric((desk, state.value), states[desk, state])
    yield from (waiting, longest, agents)


def _promised(outstanding: Outstanding) -> Iterator[Metric]:
    promises = GaugeMetricFamily(
        "ivr_promises", "Promised calls back in the database.", labels=("desk", "state")
    )
    overdue = GaugeMetricFamily(
        "ivr_promises_overdue", "Promises whose time is over, and not kept.", labels=("desk",)
    )
    for desk in sorted({desk for desk, _ in outstanding.states}):
        for state in State:
            promises.add_metric((desk, state.value), outstanding.states.get((desk, state), 0))
        overdue.add_metric((desk,), outstanding.overdue.get(desk, 0))
    yield from (promises, overdue)
