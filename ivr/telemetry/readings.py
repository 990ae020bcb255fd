"""What is at this moment, of each part of the house: its metrics, and what they tell.

Nothing is kept here. What is not known just now (the link to the switch is down) is left out
instead of being old.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ivr.desk.agenda import State
from ivr.desk.ledger import Sums
from ivr.desk.lines import desk_of
from ivr.desk.snapshot import AgentState, Snapshot
from ivr.store.outstanding import Outstanding
from ivr.versions.served import Led


class Shows(Protocol):
    """Tells whether the switch answers, and the queues and agents as they are."""

    @property
    def alive(self) -> bool: ...

    def board(self) -> Snapshot: ...


def calls(in_progress: int, most: int) -> Iterator[Metric]:
    """Tell how many calls are led, and how many may be."""
    yield _gauge("ivr_calls_in_progress", "Calls led now.", in_progress)
    yield _gauge("ivr_calls_limit", "Calls that may be led at once.", most)


def controller(stands_by: bool, pending: int) -> Iterator[Metric]:
    """Tell whether another controller `stands_by`, and how much waits for the database."""
    ready = "1 while another controller is ready to take over."
    yield _gauge("ivr_standby_ready", ready, stands_by)
    tasks = len(asyncio.all_tasks())
    yield _gauge("ivr_tasks", "What the controller does side by side.", tasks)
    waits = "Records and promises that wait for the database."
    yield _gauge("ivr_pending_writes", waits, pending)


def version(led: Led) -> Iterator[Metric]:
    """Tell by what new calls are led."""
    serving = GaugeMetricFamily(
        "ivr_serving", "By what new calls are led.", labels=("version", "origin", "canary")
    )
    serving.add_metric((led.serves, led.origin, led.canary), 1)
    yield serving
    trouble = "1 while a version that was published cannot be taken."
    yield _gauge("ivr_version_trouble", trouble, bool(led.trouble))


def services(well: Mapping[str, bool]) -> Iterator[Metric]:
    """Tell of each back end that was asked whether it is asked."""
    service = GaugeMetricFamily(
        "ivr_service_up", "0 while a back end is left alone, as it fails.", labels=("service",)
    )
    for name, is_well in well.items():
        service.add_metric((name,), float(is_well))
    yield service


def offered(sums: Mapping[str, Sums]) -> Iterator[Metric]:
    """Tell how many callers came to each desk."""
    offered = CounterMetricFamily(
        "ivr_desk_callers_offered", "Callers who came to a desk.", labels=("desk",)
    )
    for desk, counted in sums.items():
        offered.add_metric((desk,), counted.offered)
    yield offered


def switch(seen: Shows, now: datetime) -> Iterator[Metric]:
    """Tell whether the switch answers, and of its desks while it is known how they are."""
    yield _gauge("ivr_switch_up", "1 while the switch answers on AMI.", seen.alive)
    board = seen.board()
    if board.stale_since is None:
        yield from _desks(board, now)


def promises(outstanding: Outstanding | None) -> Iterator[Metric]:
    """Tell what is promised; None: the database did not answer."""
    up = outstanding is not None
    yield _gauge("ivr_database_up", "1 if the database answered this scrape.", up)
    if outstanding:
        yield from _promised(outstanding)


def datagrams(dropped: int | None) -> Iterator[Metric]:
    """Tell how many datagrams for SIP the kernel has dropped, where it is known."""
    if dropped is not None:
        text = "Datagrams for the SIP port that the kernel dropped."
        yield CounterMetricFamily("ivr_sip_datagrams_dropped", text, value=dropped)


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
