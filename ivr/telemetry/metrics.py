"""What was counted since the controller began, for Prometheus: calls, waits, look-ups, commands.

Names and units follow Prometheus' conventions. No label holds a number or a name of a person, and
none has values without end: beyond `MOST` of a kind the rest is `other`.
"""

from __future__ import annotations

import contextlib
import logging
import platform
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from ivr.flow.record import CallRecord
from ivr.past.waits import waits
from ivr.wire.agi_commands import Command

# Nodes of the flows that lead calls, with those of versions before; a series each.
MOST = 3000
OTHER = "other"
# What became of a caller too many (dialplans/limit.conf).
_HOW = ("told", "refused")

# Seconds. A look-up may take what its author allows, 30 s at most.
_LOOK_UP = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 15, 30)
# With the thresholds of service levels: 15, 20 and 30 s.
_WAIT = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600)
_CALL = (5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600)
# A command that only asks takes 0.3 ms, one that plays as long as its sound.
_COMMAND = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Metrics:
    """The counters of one controller, in a `registry` of its own."""

    def __init__(self) -> None:
        # Of every series the moment of its making beside it would double what is scraped.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        build = Info("ivr_build", "The program that runs.", registry=registry)
        build.info({"version": version("ivr-hotline"), "python": platform.python_version()})
        self._calls = Counter(
            "ivr_calls",
            "Calls that are over.",
            ("flow", "outcome", "language"),
            registry=registry,
        )
        self._lengths = Histogram(
            "ivr_call_seconds",
            "How long calls lasted.",
            ("flow",),
            buckets=_CALL,
            registry=registry,
        )
        self._nodes = Counter(
            "ivr_nodes_entered",
            "How often callers came to a node.",
            ("flow", "node"),
            registry=registry,
        )
        self._look_ups = Histogram(
            "ivr_lookup_seconds",
            "How long callers waited for a look-up.",
            ("service", "lookup", "outcome"),
            buckets=_LOOK_UP,
            registry=registry,
        )
        self._waits = Histogram(
            "ivr_queue_wait_seconds",
            "How long callers waited at a desk.",
            ("desk", "fate"),
            buckets=_WAIT,
            registry=registry,
        )
        self._commands = _Commands()
        registry.register(self._commands)
        self._pauses = Counter(
            "ivr_no_answer_pauses",
            "Agents paused because they let their phone ring.",
            registry=registry,
        )
        self._strangers = Counter(
            "ivr_agi_strangers",
            "Connections to the AGI port that were no call of our switch.",
            registry=registry,
        )
        self._refused = Counter(
            "ivr_calls_refused",
            "Callers whom the switch did not let in, for most_calls were there.",
            ("how",),
            registry=registry,
        )
        for how in _HOW:
            self._refused.labels(how)
        self._logged = Counter(
            "ivr_log_records",
            "Warnings and errors in the controller's log.",
            ("level", "logger"),
            registry=registry,
        )
        self._few = _Few()

    def over(self, record: CallRecord) -> None:
        """Count a call that is over, all of it."""
        flow, language = record.flow, record.language or "none"
        self._calls.labels(*self._few("call", flow, record.outcome, language)).inc()
        if record.ended:
            length = (record.ended - record.started).total_seconds()
            self._lengths.labels(*self._few("flow", flow)).observe(max(0.0, length))
        for step in record.path:
            self._nodes.labels(*self._few("node", flow, step.node)).inc()
        for asked in record.asked or ():
            if asked.what == "lookup":
                service, _, name = asked.of.partition(".")
                seconds = (asked.to_ms - asked.from_ms) / 1000
                which = self._few("lookup", service, name, asked.outcome or "left")
                self._look_ups.labels(*which).observe(seconds)
        for wait in waits(record):
            self._waits.labels(*self._few("wait", wait.desk, wait.fate)).observe(wait.waited)

    def commanded(self, command: Command, seconds: float) -> None:
        """Count a command that the switch has answered after so long."""
        # `EXEC Queue`, `SET VARIABLE`; never what comes behind, which may be a caller's.
        self._commands.count(tuple(command.split(None, 2)[:2]), seconds)

    def paused(self) -> None:
        """Count an agent who was paused because she did not answer."""
        self._pauses.inc()

    def stranger(self) -> None:
        """Count a connection to the AGI port that was no call of our switch."""
        self._strangers.inc()

    def refused(self, event: Mapping[str, str]) -> None:
        """Take a UserEvent of the switch: it may say that a caller was not let in."""
        if event.get("UserEvent") == "Refused" and (how := event.get("How")) in _HOW:
            self._refused.labels(how).inc()

    @contextlib.contextmanager
    def counting_logs(self) -> Iterator[None]:
        """Count warnings and errors of the log while the block runs."""
        handler = _Tally(self._logged, self._few)
        logging.getLogger().addHandler(handler)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(handler)


class _Commands(Collector):
    """How long commands took: counted on the loop alone, a tenth of what a `Histogram` costs.

    Of one call there are twenty, and what is scraped is made as it is.
    """

    def __init__(self) -> None:
        self._series: dict[tuple[bytes, ...], list[int]] = {}
        self._seconds: dict[tuple[bytes, ...], float] = {}

    def count(self, words: tuple[bytes, ...], seconds: float) -> None:
        """Count a command that begins with these words and took so long."""
        counts = self._series.get(words)
        if counts is None:
            if len(self._series) >= MOST:
                words = (OTHER.encode(),)
            self._seconds.setdefault(words, 0.0)
            counts = self._series.setdefault(words, [0] * (len(_COMMAND) + 1))
        counts[bisect_left(_COMMAND, seconds)] += 1
        self._seconds[words] += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Tell all that was counted."""
        told = HistogramMetricFamily(
            "ivr_agi_command_seconds",
            "From a command to the switch until its answer.",
            labels=("command",),
        )
        bounds = [*map(floatToGoString, _COMMAND), "+Inf"]
        for words, counts in list(self._series.items()):  # the scraper is a thread of its own
            name = b" ".join(words).decode("utf-8", "replace")
            told.add_metric(
                [name], list(zip(bounds, accumulate(counts), strict=True)), self._seconds[words]
            )
        yield told


class _Few:
    """Lets the first `MOST` values of a kind through; those after are `other`."""

    def __init__(self) -> None:
        self._known: dict[str, set[tuple[str, ...]]] = {}

    def __call__(self, kind: str, *values: str) -> tuple[str, ...]:
        known = self._known.setdefault(kind, set())
        if values not in known:
            if len(known) >= MOST:
                return (OTHER,) * len(values)
            known.add(values)
        return values


class _Tally(logging.Handler):
    def __init__(self, logged: Counter, few: _Few) -> None:
        super().__init__(logging.WARNING)
        self._logged = logged
        self._few = few

    def emit(self, record: logging.LogRecord) -> None:
        self._logged.labels(*self._few("log", record.levelname.lower(), record.name)).inc()
