"""The world of a call that was: back ends, queues and recordings answer as they did then.

What a back end told is not kept, for it is hers alone; only whether it knew an answer. So a
look-up that was found gives sample values of the declared kinds, and where the flow branches on
one of them, the value that leads the way the call went.
"""

from __future__ import annotations

from collections import deque
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from ivr.desk.reachable import at_home
from ivr.flow.effects import (
    Book,
    Booked,
    Effect,
    Enqueue,
    Impossible,
    LookUp,
    Offered,
    Queued,
    Record,
    Recorded,
    Refused,
    Send,
)
from ivr.flow.fields import Variable
from ivr.flow.record import Asked, CallRecord
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.services import Value as Known
from ivr.flow.session import Session

SAMPLES: dict[str, Known] = {
    "money": Decimal("123.45"),
    "number": Decimal(12),
    "date": date(2026, 12, 31),
    "text": "text",
    "digits": "1234",
    "language": "cmn",
    "phone": "13800138000",
    "tail": "8000",
    "time": "15:05",
    "duration": "1h30m",
    "period": "2026-11-01/2026-11-30",
    "data": "1.5GB",
    "plan": "5G-A128",
}
# What comes of an errand that was none in the call that was: what most callers meet.
USUAL = {
    "lookup": "found",
    "queue": "answered",
    "dial": "answered",
    "record": "recorded",
    "send": "sent",
    "callback": "booked",
}


class PastWorld:
    """Answers the errands of a call as they were answered in a record, in their order.

    `assumed` are the errands that the record tells nothing of.
    """

    def __init__(self, record: CallRecord) -> None:
        self.assumed: list[str] = []
        self._record = record
        self._left: dict[tuple[str, str], deque[Asked]] = {}
        for asked in record.asked or ():
            self._left.setdefault((asked.what, asked.of), deque()).append(asked)

    def take(self, errand: tuple[str, str]) -> Asked:
        """Return what came of the next such errand in the record, or what usually does."""
        if known := self._left.get(errand):
            return known.popleft()
        what, of = errand
        self.assumed.append(f"{what} {of}".strip())
        outcome = USUAL.get(what, "failed")
        return Asked(what=what, of=of, outcome=outcome, from_ms=0, to_ms=0, node="")

    def answer(self, effect: Effect[Any], asked: Asked, session: Session) -> Any:
        """Return an outcome as the answer that the effect is awaited for."""
        match effect:
            case LookUp():
                if asked.outcome == "found":
                    return Found(self._values(effect, session))
                return Missing() if asked.outcome == "missing" else Failed(asked.why)
            case Enqueue():
                return self.queued(asked)
            case Record():
                silent = asked.outcome == "silent"
                return Recorded("replay.wav", 0.0 if silent else 3.0, silent)
            case Send():
                return asked.outcome == "sent"
            case Book():
                call = session.here
                soon = (call.now if call else self._record.started).replace(second=0, microsecond=0)
                return _booked(effect, asked, soon + timedelta(hours=1))
        return asked.outcome

    def queued(self, asked: Asked) -> Queued:
        """Return how a wait ended; of one who went elsewhere then and waits on now, in vain."""
        outcome: Any = asked.outcome if asked.outcome not in ("", "left") else "unanswered"
        return Queued(outcome, asked.by, asked.left, (asked.talked_ms or 0) / 1000)

    def _values(self, effect: LookUp, session: Session) -> dict[str, Known]:
        call = session.here
        assert call is not None  # a node asks, and it is in a flow
        gives = call.project.services.lookups[effect.name].gives
        values = {name: SAMPLES[kind] for name, kind in gives.items()}
        into = getattr(call.flow.nodes[session.node.rsplit("/", 1)[-1]], "into", "")
        for name, node in call.flow.nodes.items():
            compared, cases = getattr(node, "branch", None), getattr(node, "cases", {})
            if isinstance(compared, Variable) and compared.path[0] == into:
                field = compared.path[-1]
                way = self._way(session.node, name)
                value = next((key for key, to in cases.items() if to == way), values.get(field, ""))
                values |= {field: value} if field in gives else {}
        return values

    def _way(self, here: str, branch: str) -> str:
        """Return the node the call that was went to from a branch of the flow it is in."""
        flow = here[: here.rfind("/") + 1]
        steps = [step.node for step in self._record.path]
        for node, then in pairwise(steps):
            if node == flow + branch:
                return then.removeprefix(flow)
        return ""


def _booked(book: Book, asked: Asked, until: datetime) -> Offered | Booked | Refused | Impossible:
    # Records older than `offered` say `booked` of the question, too.
    if asked.outcome in ("offered", "booked"):
        return Booked(until) if book.number else Offered(until, at_home(book.hers))
    return Refused(asked.why) if asked.outcome == "refused" else Impossible(asked.why)
