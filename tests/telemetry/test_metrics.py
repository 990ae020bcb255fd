"""What is exported to Prometheus, and that the documentation tells of all of it."""

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from ivr.desk.agenda import State
from ivr.desk.ledger import Sums
from ivr.desk.snapshot import Agent, AgentState, Caller, Queue, Snapshot
from ivr.flow.record import Asked, Step
from ivr.store.database import StoreError
from ivr.store.outstanding import Outstanding
from ivr.telemetry import metrics, readings
from ivr.telemetry.gauges import Gauges
from ivr.telemetry.metrics import Metrics
from ivr.versions.served import Led
from ivr.wire import agi
from tests.records.given import a_record
from tests.stage import ROOT

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WATCHING = ROOT / "docs" / "watching.md"
RECORD = a_record(
    "1795000000.7",
    NOW - timedelta(seconds=90),
    version="v",
    language="yue",
    ended=NOW,
    path=(Step(node="menu", entered=NOW), Step(node="enter_pin/ask", entered=NOW)),
    asked=(
        Asked(what="lookup", of="billing.balance", outcome="found", from_ms=0, to_ms=20, node="n"),
        Asked(what="lookup", of="billing.balance", left=True, from_ms=30, to_ms=90, node="n"),
        Asked(
            what="queue",
            of="front_desk+yue",
            outcome="answered",
            by="1001",
            from_ms=100,
            to_ms=80_100,
            talked_ms=60_000,
            node="n",
        ),
    ),
    outcome="answered",
)


def she(id: str, seconds: float, is_booked: bool = False) -> Caller:
    return Caller(id, "13800138000", "王", 1, NOW - timedelta(seconds=seconds), is_booked)


def agent(number: str, queues: tuple[str, ...], state: AgentState) -> Agent:
    return Agent(number, f"PJSIP/{number}", "陈志明", queues, state)


BOARD = Snapshot(
    None,
    (
        Queue("front_desk", (she("a", 12), she("b", 99, True)), ("1001",), 0, 0),
        Queue("front_desk+yue", (she("c", 40),), ("1001",), 0, 0),
        Queue("roaming", (), ("1001", "1004"), 0, 0),
    ),
    (
        agent("1001", ("front_desk", "front_desk+yue", "roaming"), AgentState.TALKING),
        agent("1004", ("roaming",), AgentState.FREE),
    ),
)


class Agenda:
    """Counts promises, or cannot."""

    is_well = True

    async def count(self, now: datetime) -> Outstanding:
        if not self.is_well:
            raise StoreError("no database")
        return Outstanding({("front_desk", State.OPEN): 2}, {"front_desk": 1})


@dataclass
class Watched:
    """A switch, as it is known."""

    now: Snapshot = BOARD
    alive: bool = True

    def board(self) -> Snapshot:
        return self.now


class Scene:
    """A controller's metrics, and the world they are read from."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.watch, self.agenda = Watched(), Agenda()
        self.dropped: int | None = 12
        house = (
            lambda: readings.calls(3, 1000),
            lambda: readings.controller(stands_by=True, pending=4),
            lambda: readings.version(Led("v1", "published")),
            lambda: readings.services({"billing": True, "messages": False}),
            lambda: readings.offered({"front_desk": Sums(offered=7)}),
            lambda: readings.switch(self.watch, NOW),
        )
        agenda, dropped, clock = self.agenda, lambda: self.dropped, lambda: NOW
        self.gauges = Gauges(self.metrics.registry, house, agenda, dropped, clock)

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


def test_a_caller_who_is_not_let_in_is_counted_by_what_became_of_her() -> None:
    scene = Scene()
    event = {"Event": "UserEvent", "UserEvent": "Refused", "How": "told"}
    for said in (event, {**event, "How": "refused"}, event):
        scene.metrics.refused(said)
    for forged in ({**event, "How": "13800138000"}, {**event, "UserEvent": "Other"}, {}):
        scene.metrics.refused(forged)
    assert scene.value("ivr_calls_refused_total", how="told") == 2
    assert scene.value("ivr_calls_refused_total", how="refused") == 1


async def everything() -> CollectorRegistry:
    """Return a registry in which each metric has a value."""
    scene = Scene()
    scene.metrics.over(RECORD)
    scene.metrics.commanded(agi.answer(), 0.001)
    with scene.metrics.counting_logs():
        logging.getLogger("ivr.test").error("a fault")
    await scene.gauges.tell("")
    return scene.metrics.registry


def test_a_call_that_is_over_is_counted_with_its_nodes_and_waits() -> None:
    scene = Scene()
    scene.metrics.over(RECORD)
    call = {"flow": "hotline", "outcome": "answered", "language": "yue"}
    assert scene.value("ivr_calls_total", **call) == 1
    assert scene.value("ivr_call_seconds_sum", flow="hotline") == 90
    assert scene.value("ivr_nodes_entered_total", flow="hotline", node="enter_pin/ask") == 1
    wait = {"desk": "front_desk", "fate": "answered"}
    assert scene.value("ivr_queue_wait_seconds_bucket", le="20.0", **wait) == 1
    assert scene.value("ivr_queue_wait_seconds_bucket", le="15.0", **wait) == 0
    look_up = {"service": "billing", "lookup": "balance"}
    assert scene.value("ivr_lookup_seconds_sum", outcome="found", **look_up) == 0.02
    assert scene.value("ivr_lookup_seconds_sum", outcome="left", **look_up) == 0.06


def test_a_command_is_counted_by_its_name_and_not_by_what_it_says() -> None:
    scene = Scene()
    scene.metrics.commanded(agi.set_variable("PIN", "1234"), 0.002)
    scene.metrics.commanded(agi.execute("Queue", "front_desk"), 30)
    scene.metrics.commanded(agi.answer(), 0.002)
    for name in ("SET VARIABLE", "EXEC Queue", "ANSWER"):
        assert scene.value("ivr_agi_command_seconds_count", command=name) == 1
    scene.metrics.commanded(agi.answer(), 0.0025)
    scene.metrics.commanded(agi.answer(), 90)
    buckets = {"0.001": 0, "0.0025": 2, "60.0": 2, "+Inf": 3}
    for bound, count in buckets.items():
        named = {"le": bound, "command": "ANSWER"}
        assert scene.value("ivr_agi_command_seconds_bucket", **named) == count
    assert scene.value("ivr_agi_command_seconds_sum", command="ANSWER") == pytest.approx(90.0045)


def test_beyond_so_many_commands_the_rest_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST", 1)
    scene = Scene()
    for command in (agi.answer(), agi.hangup(), agi.execute("Queue", "front_desk"), agi.answer()):
        scene.metrics.commanded(command, 0.1)
    assert scene.value("ivr_agi_command_seconds_count", command="ANSWER") == 2
    assert scene.value("ivr_agi_command_seconds_count", command="other") == 2


def test_errors_and_warnings_are_counted_by_who_wrote_them() -> None:
    scene, log = Scene(), logging.getLogger("ivr.test_metrics")
    with scene.metrics.counting_logs():
        log.error("a fault")
        log.warning("a slip")
        log.info("nothing")
    log.error("nobody counts any more")
    assert scene.value("ivr_log_records_total", level="error", logger=log.name) == 1
    assert scene.value("ivr_log_records_total", level="warning", logger=log.name) == 1
    assert scene.value("ivr_log_records_total", level="info", logger=log.name) is None


def test_labels_without_end_become_other() -> None:
    scene = Scene()
    for number in range(metrics.MOST + 5):
        path = (Step(node=f"n{number}", entered=NOW),)
        scene.metrics.over(RECORD.model_copy(update={"path": path, "asked": None}))
    assert scene.value("ivr_nodes_entered_total", flow="other", node="other") == 5
    assert scene.value("ivr_call_seconds_count", flow="hotline") == metrics.MOST + 5


async def test_what_the_kernel_dropped_is_told_where_it_is_known() -> None:
    scene = Scene()
    assert scene.value("ivr_sip_datagrams_dropped_total") == 12
    scene.dropped = None
    assert scene.value("ivr_sip_datagrams_dropped_total") is None


async def test_the_desks_are_told_as_they_are_now() -> None:
    scene = Scene()
    body, content_type = await scene.gauges.tell("")
    assert content_type.startswith("text/plain")
    assert b'ivr_desk_callers_waiting{desk="front_desk"} 2.0\n' in body
    assert scene.value("ivr_desk_longest_wait_seconds", desk="front_desk") == 40
    assert scene.value("ivr_desk_longest_wait_seconds", desk="roaming") == 0
    # In two lines of a desk she is one agent; at two desks she is seen at both.
    assert scene.value("ivr_desk_agents", desk="front_desk", state="talking") == 1
    assert scene.value("ivr_desk_agents", desk="roaming", state="talking") == 1
    assert scene.value("ivr_desk_agents", desk="roaming", state="free") == 1
    assert scene.value("ivr_desk_agents", desk="roaming", state="paused") == 0
    assert scene.value("ivr_promises", desk="front_desk", state="open") == 2
    assert scene.value("ivr_standby_ready") == 1
    assert scene.value("ivr_promises_overdue", desk="front_desk") == 1
    assert scene.value("ivr_desk_callers_offered_total", desk="front_desk") == 7


async def test_what_is_not_known_is_left_out() -> None:
    scene = Scene()
    await scene.gauges.tell("")
    scene.agenda.is_well = False
    scene.watch = Watched(Snapshot(NOW, BOARD.queues, BOARD.agents), alive=False)
    await scene.gauges.tell("")
    assert scene.value("ivr_switch_up") == scene.value("ivr_database_up") == 0
    assert scene.value("ivr_desk_callers_waiting", desk="front_desk") is None
    assert scene.value("ivr_promises", desk="front_desk", state="open") is None
    assert scene.value("ivr_calls_in_progress") == 3


async def test_whoever_asks_for_openmetrics_gets_it() -> None:
    body, content_type = await Scene().gauges.tell("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


async def test_no_metric_names_a_caller_or_an_agent() -> None:
    for metric in (await everything()).collect():
        for sample in metric.samples:
            for value in sample.labels.values():
                assert not re.search(r"138001|\b100[0-9]\b|王|陈", value), sample


async def test_every_metric_is_told_to_operators_with_its_labels() -> None:
    exported = {
        (_name(metric), metric.type, _labels(metric))
        for metric in (await everything()).collect()
        if metric.name.startswith("ivr_")
    }
    rows = re.findall(r"^\| `(ivr_\w+)` \| (\w+) \|([^|]*)\|", WATCHING.read_text(), re.M)
    told = [(name, kind, frozenset(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows]
    assert len(told) == len(exported)
    assert set(told) == exported


def _name(metric: Metric) -> str:
    return metric.name + {"counter": "_total", "info": "_info"}.get(metric.type, "")


def _labels(metric: Metric) -> frozenset[str]:
    return frozenset(label for each in metric.samples for label in each.labels) - {"le"}
