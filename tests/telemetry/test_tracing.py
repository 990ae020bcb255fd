"""A call that is over becomes a trace; what back ends are told of it is of the same trace."""

import asyncio
import logging
import sys
import threading
import time
import types
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import (
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from ivr.services import trace
from ivr.telemetry import tracing
from ivr.telemetry.spans import Spans
from tests.telemetry.test_metrics import RECORD


def test_a_call_is_a_span_with_one_for_each_node_and_each_question() -> None:
    exporter = InMemorySpanExporter()
    spans = Spans(SimpleSpanProcessor(exporter))
    spans.over(RECORD)
    spans.close()
    *within, call = exporter.get_finished_spans()
    assert [span.name for span in within] == [
        "node menu",
        "node enter_pin/ask",
        "lookup billing.balance",
        "lookup billing.balance",
        "queue front_desk+yue",
    ]
    assert call.name == "call hotline" and call.attributes
    assert call.attributes["ivr.call"] == RECORD.id
    assert {span.parent.span_id for span in within if span.parent} == {call.context.span_id}
    assert {span.context.trace_id for span in within} == {call.context.trace_id}
    assert len({span.context.span_id for span in (*within, call)}) == 6
    asked = within[2]
    assert asked.start_time and asked.end_time and asked.end_time - asked.start_time == 20_000_000
    assert call.start_time == RECORD.started.timestamp() * 1e9
    assert "13800138000" not in "".join(span.to_json() for span in (*within, call))


def test_what_failed_is_an_error() -> None:
    exporter = InMemorySpanExporter()
    spans = Spans(SimpleSpanProcessor(exporter))
    assert RECORD.asked
    failed = RECORD.asked[0].model_copy(update={"outcome": "failed"})
    spans.over(RECORD.model_copy(update={"outcome": "failed", "asked": (failed,)}))
    found = {span.name: span.status.status_code for span in exporter.get_finished_spans()}
    assert found["call hotline"] is found["lookup billing.balance"] is StatusCode.ERROR
    assert found["node menu"] is StatusCode.UNSET


def test_back_ends_are_told_the_trace_and_the_span_of_the_call() -> None:
    assert trace.headers() == {}
    exporter = InMemorySpanExporter()
    trace.begin(RECORD.id, RECORD.started)
    told = trace.headers()["traceparent"]
    Spans(SimpleSpanProcessor(exporter)).over(RECORD)
    call = exporter.get_finished_spans()[-1].context
    assert told == f"00-{call.trace_id:032x}-{call.span_id:016x}-01"
    later = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=1)
    trace.begin(RECORD.id, later)  # the same id on another machine
    assert trace.headers()["traceparent"] != told
    trace._trace.set("")


async def test_without_a_collector_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tracing.COLLECTOR, raising=False)
    async with tracing.tracing() as traced:
        assert traced is None


class Hanging(SpanExporter):
    """Gives spans to a collector that answers much too late."""

    answers = threading.Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.answers.wait(50)
        return SpanExportResult.SUCCESS


def test_a_collector_that_hangs_keeps_no_controller_from_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def controller() -> None:
        async with tracing.tracing() as traced:
            assert traced is not None
            traced(RECORD)

    module = types.ModuleType("trace_exporter")
    module.OTLPSpanExporter = Hanging  # type: ignore[attr-defined]
    exporter = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
    monkeypatch.setenv(tracing.COLLECTOR, "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, exporter, module)
    began = time.monotonic()
    asyncio.run(controller())
    assert time.monotonic() - began < tracing.LAST_WORDS + 20
    Hanging.answers.set()


async def test_a_collector_without_opentelemetry_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(tracing.COLLECTOR, "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter", None)
    with caplog.at_level(logging.WARNING):
        async with tracing.tracing() as traced:
            assert traced is None
    (record,) = caplog.records
    assert "there is no opentelemetry.exporter" in record.getMessage()
    assert "pip install -e '.[otel]'" in record.getMessage()
