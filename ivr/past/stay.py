"""The wait of a caller who stayed in our hands, as it was."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.flow.fields import Variable
from ivr.flow.outlook import Outlook
from ivr.flow.record import Asked, CallRecord
from ivr.flow.session import Session

# What she is told in place of what was: no record keeps the numbers by themselves.
PLACE, WAIT = 2, 240.0


@dataclass(frozen=True)
class PastWait:
    """A wait that was; `heard` are the things she had heard in all when it was over.

    It is over when all of it was heard again: its seconds mean nothing in another version.
    """

    asked: Asked
    heard: int
    hung_up_at: str

    @property
    def is_endless(self) -> bool:
        """Whether she hung up at a node she walked: it is she who ends it."""
        gone = self.asked.left and not self.asked.outcome
        return gone and self.hung_up_at != self.asked.node


def wait_of(record: CallRecord, asked: Asked) -> PastWait:
    """Return the wait that was asked for in a record."""
    over = asked.to_ms - (asked.talked_ms or 0)
    heard = sum(each.from_ms < over for each in record.heard)
    return PastWait(asked, heard, record.path[-1].node if record.path else "")


def ahead(record: CallRecord, session: Session) -> Outlook | None:
    """Return what was known of her wait, by the ways that branches on it have led."""
    known, longer = (_case(record, session, of) for of in ("known", "longer"))
    if known == "nothing":
        return None
    return Outlook(PLACE, WAIT if known == "wait" else None, longer == "yes")


def _case(record: CallRecord, session: Session, of: str) -> str:
    """Return what a branch on `$waiting.…` found in the call that was, "nothing" without one."""
    here = session.here
    steps = [step.node for step in record.path]
    for name, node in here.flow.nodes.items() if here else ():
        compared, cases = getattr(node, "branch", None), getattr(node, "cases", {})
        if not isinstance(compared, Variable) or tuple(compared.path) != ("waiting", of):
            continue
        prefix = session.node[: session.node.rfind("/") + 1]
        ways = dict(zip(reversed(steps[:-1]), reversed(steps[1:]), strict=True))
        way = ways.get(prefix + name, "").removeprefix(prefix)
        others = (each for each in ("nothing", "place", "wait") if each not in cases)
        return next((key for key, to in cases.items() if to == way), next(others, "nothing"))
    return "nothing"
