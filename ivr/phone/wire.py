"""What a phone and its SIP stack say to each other: one JSON object per line, each way.

Orders go down (`{"id": 1, "do": "press", "call": 1, "key": "5"}`); each is answered by
`done` or `refused` with the same id. Everything that happens comes up as an event.

    of the phone   done, refused, registered, unregistered
    of a call      calling, incoming, ringing, answered, key (sent), digit (heard), transferred,
                   ended
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.errors import IvrError

Field = str | int | float | bool | None | list[str] | dict[str, str]

SAMPLES_PER_SECOND = 8000
KEY_MILLISECONDS = 100


@dataclass(frozen=True)
class Event:
    """Something that happened on a phone.

    `at` is seconds since the phone started, on the machine's monotonic clock. `position` is
    the seconds of sound its call's recording held at that moment; None when nothing is being
    recorded.
    """

    name: str
    at: float
    call: int | None = None
    position: float | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the field as text, empty where the event does not have it."""
        return str(self.fields.get(name, ""))

    def number(self, name: str) -> int:
        """Return the field as a whole number; raises IvrError where the event has none."""
        value = self.fields.get(name)
        if not isinstance(value, int):
            raise IvrError(f"the phone's event {self.name!r} has no number {name!r}: {value!r}")
        return value


def encode(message: Mapping[str, Field]) -> bytes:
    """Return the message as one line."""
    return json.dumps(message).encode() + b"\n"


def decode_event(line: bytes, started: float) -> Event:
    """Return the event written on `line`; `started` is when the phone started.

    Raises IvrError when the line is not an event.
    """
    try:
        raw = json.loads(line)
        name, at = str(raw.pop("event")), float(raw.pop("at")) - started
        call, samples = raw.pop("call", None), raw.pop("samples", None)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IvrError(f"the phone said something that is not an event: {line[:200]!r}") from error
    position = None if samples is None else samples / SAMPLES_PER_SECOND
    return Event(name, at, call, position, raw)
