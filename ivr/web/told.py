"""What is asked and answered at each path, for those who write programs: the words of OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from ivr.desk.agenda import Booking, State
from ivr.desk.duty import Duty
from ivr.desk.supervision import WAYS
from ivr.flow.record import CallRecord
from ivr.store.calls import MOST
from ivr.web.callbacks import LONGEST, Wanted
from ivr.web.paths import Role

Schema = Mapping[str, Any]
JSON = "application/json"

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
YES: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
TEXTS: Schema = {"type": "array", "items": TEXT}


def perhaps(schema: Schema) -> Schema:
    """Return a schema of what may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def row(**fields: Schema) -> Schema:
    """Return an object that has exactly these."""
    return {
        "type": "object",
        "properties": fields,
        "required": sorted(fields),
        "additionalProperties": False,
    }


def rows(of: Schema) -> Schema:
    """Return a list."""
    return {"type": "array", "items": of}


def by_name(of: Schema) -> Schema:
    """Return an object with names as they come."""
    return {"type": "object", "additionalProperties": of}


def one_of(*texts: str) -> Schema:
    """Return a choice."""
    return {"type": "string", "enum": list(texts)}


def of_type(kind: Any) -> Schema:
    """Return the schema of one of our types, as it is written."""
    schema: Schema = TypeAdapter(kind).json_schema(
        mode="serialization", ref_template=f"#/components/schemas/{kind.__name__}.{{model}}"
    )
    return schema


@dataclass(frozen=True)
class Told:
    """A path in words: what is `given` in the query or the body, and the answer of a success.

    `also` are the statuses that it has beside those of every path.
    """

    summary: str
    answer: Schema
    status: int = 200
    media: str = JSON
    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    also: tuple[int, ...] = ()


_DAYS: dict[str, Schema] = {
    "from": {"type": "string", "description": "A day, or a moment; today unless given."},
    "to": {"type": "string", "description": "Until then; up to 31 days. Now unless given."},
}
_FIGURE = row(unit=TEXT, value=perhaps(NUMBER), of=WHOLE, calls=WHOLE)
_PART = row(ok=YES, pid=perhaps(WHOLE), detail=TEXT)
_HEALTH: Schema = {
    "type": "object",
    "properties": {"ok": YES, "parts": by_name(_PART), "error": TEXT},
    "required": ["ok", "parts"],
}
_STANDING = row(duty=one_of(*Duty), reason=TEXT, by=TEXT, since=perhaps(MOMENT))
_STANDS: Schema = {
    **_STANDING,
    "properties": {**_STANDING["properties"], "switch_told": YES},
}
_SESSION = row(name=TEXT, role=one_of(*Role), csrf=perhaps(TEXT))
_ACT = row(
    number=WHOLE,
    at=MOMENT,
    until=perhaps(MOMENT),
    who=TEXT,
    what=TEXT,
    whom=TEXT,
    call=perhaps(TEXT),
    outcome=TEXT,
    why=TEXT,
)
_TALK = row(
    name=TEXT,
    call=TEXT,
    caller=TEXT,
    desk=TEXT,
    agent=TEXT,
    began=MOMENT,
    seconds=NUMBER,
    keep_until=MOMENT,
    sound=TEXT,
)
_BOOKING = of_type(Booking)
# An agent's and a queue's row grow with what the desks can tell.
_ROW: Schema = {"type": "object"}
_LOGIN: Schema = {
    **row(name=TEXT, password={"type": "string", "format": "password"}),
    "description": "An agent's number with the password of her phone, or an account's.",
}

TOLD: dict[tuple[str, str], Told] = {
    ("GET", "/healthz"): Told("How each part is.", _HEALTH, also=(503,)),
    ("GET", "/metrics"): Told("Metrics, for Prometheus.", TEXT, media="text/plain"),
    ("GET", "/api/openapi.json"): Told("This.", {"type": "object"}),
    ("POST", "/api/session"): Told(
        "Log in: a cookie is set.", _SESSION, 201, body=_LOGIN, also=(400, 401, 403, 413, 415)
    ),
    ("GET", "/api/session"): Told("Who asks, and what a change is asked with.", _SESSION),
    ("DELETE", "/api/session"): Told("Log out.", row()),
    ("GET", "/api/versions"): Told("By what new calls are led.", _ROW),
    ("GET", "/api/calls"): Told(
        "Calls, the newest first.",
        rows(of_type(CallRecord)),
        query={"limit": {"type": "integer", "minimum": 1, "maximum": MOST}},
    ),
    ("GET", "/api/calls/{id}"): Told("A call.", of_type(CallRecord), also=(404,)),
    ("GET", "/api/calls/{id}/talks"): Told("The recorded talks of a call.", rows(_TALK)),
    ("GET", "/api/talks/{name}.wav"): Told(
        "The sound of a talk.",
        {"type": "string", "format": "binary"},
        media="audio/wav",
        also=(404, 206, 304, 412, 416),
    ),
    ("GET", "/api/agents"): Told("The agents, and what each does.", rows(_ROW)),
    ("GET", "/api/queues"): Told("The queues, and who waits.", rows(_ROW)),
    ("GET", "/api/agents/{agent}/duty"): Told("Where she stands.", _STANDING, also=(404,)),
    ("PUT", "/api/agents/{agent}/duty"): Told(
        "Let her stand otherwise.",
        _STANDS,
        body={**row(duty=one_of(*Duty), reason=TEXT), "required": ["duty"]},
        also=(404, 413),
    ),
    ("POST", "/api/agents/{agent}/{way}"): Told(
        "Ring a supervisor's phone, to listen, whisper or join.",
        row(audit=WHOLE, rings=TEXT),
        202,
        body={**row(by=TEXT), "description": "For the operator; a supervisor says nothing."},
        also=(404, 409, 413),
    ),
    ("GET", "/api/audit"): Told(
        "Who did what, the newest first.", rows(_ACT), query={**_DAYS, "of": TEXT}
    ),
    ("GET", "/api/desks"): Told(
        "The picture of now.",
        row(stale_since=perhaps(MOMENT), desks=rows(_ROW), agents=rows(_ROW)),
    ),
    ("GET", "/api/events"): Told("The same as it changes.", TEXT, media="text/event-stream"),
    ("GET", "/api/desks/{desk}/figures"): Told(
        "Every figure of a desk.", by_name(_FIGURE), query=_DAYS, also=(404, 413)
    ),
    ("GET", "/api/desks/{desk}/calls"): Told(
        "The calls behind a figure.", TEXTS, query={**_DAYS, "figure": TEXT}, also=(404, 413)
    ),
    ("GET", "/api/desks/wait-error"): Told(
        "How far off the waits were that callers were told, by desk.",
        by_name(by_name(_FIGURE)),
        query=_DAYS,
        also=(413,),
    ),
    ("GET", "/api/desks/wait-error/{desk}/calls"): Told(
        "The calls behind a figure of those.",
        TEXTS,
        query={**_DAYS, "figure": TEXT},
        also=(404, 413),
    ),
    ("GET", "/api/callbacks"): Told(
        "Who is to be called back.", rows(_BOOKING), query={"state": one_of(*State)}
    ),
    ("GET", "/api/callbacks/figures"): Told(
        "What became of promises, by desk and day.",
        rows(
            row(
                desk=TEXT,
                day={"type": "string", "format": "date"},
                promised=WHOLE,
                calls=by_name(TEXTS),
                share=perhaps(NUMBER),
            )
        ),
        query={"days": {"type": "integer", "minimum": 1, "maximum": LONGEST}},
    ),
    ("POST", "/api/callbacks"): Told(
        "Book a call back.", _BOOKING, 201, body=Wanted.model_json_schema(), also=(409, 413)
    ),
    ("POST", "/api/callbacks/{id}/done"): Told(
        "She was called back by hand.", _BOOKING, also=(404, 409, 413)
    ),
    ("DELETE", "/api/callbacks/{id}"): Told(
        "She wants no call any more.", _BOOKING, also=(404, 409, 413)
    ),
}
# What stands in a path, where it is not any text.
PLACES: dict[str, Schema] = {
    "id": TEXT,
    "agent": {"type": "string", "pattern": "^[0-9]{2,8}$"},
    "way": one_of(*WAYS),
    "desk": TEXT,
    "name": TEXT,
}
