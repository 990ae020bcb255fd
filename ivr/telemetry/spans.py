"""The spans of a call, by OpenTelemetry's SDK; nothing else imports it."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.metadata import version

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context

from ivr.flow.record import CallRecord
from ivr.services import trace


class _Ids(RandomIdGenerator):
    """Gives the next call the ids that back ends were told."""

    trace = span = 0

    def generate_trace_id(self) -> int:
        return self.trace

    def generate_span_id(self) -> int:
        given, self.span = self.span, 0
        return given or super().generate_span_id()


class Spans:
    """Makes spans of calls that are over, and gives them to `processor`."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._ids = _Ids()
        name = {"service.name": "ivr-hotline", "service.version": version("ivr-hotline")}
        self._provider = TracerProvider(
            ALWAYS_ON, Resource.create(name), shutdown_on_exit=False, id_generator=self._ids
        )
        self._provider.add_span_processor(processor)
        self._tracer: Tracer = self._provider.get_tracer("ivr")

    def over(self, record: CallRecord) -> None:
        """Make the spans of a call that is over."""
        ended = record.ended or record.started
        self._ids.trace, self._ids.span = trace.ids(record.id, record.started)
        call = self._tracer.start_span(
            f"call {record.flow}",
            Context(),
            SpanKind.SERVER,
            {
                "ivr.call": record.id,
                "ivr.flow": record.flow,
                "ivr.version": record.version,
                "ivr.language": record.language,
                "ivr.outcome": record.outcome,
            },
            start_time=_nanoseconds(record.started),
        )
        if record.outcome == "failed":
            call.set_status(StatusCode.ERROR)
        for step in record.path:
            self._within(call, f"node {step.node}", step.entered, step.left or ended)
        for asked in record.asked or ():
            began, answered = (
                record.started + timedelta(milliseconds=at) for at in (asked.from_ms, asked.to_ms)
            )
            name = f"{asked.what} {asked.of}".rstrip()
            self._within(call, name, began, answered, failed=asked.outcome == "failed")
        call.end(_nanoseconds(ended))

    def close(self) -> None:
        """Give what is left to whoever takes it; nothing is made afterwards."""
        self._provider.shutdown()

    def _within(
        self, call: Span, name: str, began: datetime, ended: datetime, failed: bool = False
    ) -> None:
        span = self._tracer.start_span(
            name, set_span_in_context(call), start_time=_nanoseconds(began)
        )
        if failed:
            span.set_status(StatusCode.ERROR)
        span.end(_nanoseconds(ended))


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6) * 1000
