"""Calls as traces of OpenTelemetry, where it is installed and a collector is named.

A call that is over becomes a span, with one inside it for each node and each question to the world.
Made of the record, it costs a call in progress nothing, and holds no number of anybody.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ivr.flow.record import CallRecord

log = logging.getLogger(__name__)

COLLECTOR = "OTEL_EXPORTER_OTLP_ENDPOINT"
# A collector that does not answer keeps no controller from its end.
LAST_WORDS = 2.0

Over = Callable[[CallRecord], None]
"""Is told the record of a call that is over."""


@asynccontextmanager
async def tracing() -> AsyncIterator[Over | None]:
    """Give what makes a trace of a call, None where traces are not wanted or cannot be made."""
    if not os.environ.get(COLLECTOR):
        yield None
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from ivr.telemetry.spans import Spans
    except ImportError as fault:
        mend = "pip install -e '.[otel]'"
        log.warning("%s is set, but there is no %s: %s", COLLECTOR, fault.name, mend)
        yield None
        return
    spans = Spans(BatchSpanProcessor(OTLPSpanExporter()))
    log.info("= traces go to %s", os.environ[COLLECTOR])
    try:
        yield spans.over
    finally:
        # A thread of its own: at its end the loop waits for those of its executor.
        closing = threading.Thread(target=spans.close, name="last traces", daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, LAST_WORDS)
