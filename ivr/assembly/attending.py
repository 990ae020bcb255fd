"""Agents attended to: where each stands, what they dial for themselves, who supervises them."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.agents.codes import Codes
from ivr.agents.roster import Roster
from ivr.agents.supervising import Supervising
from ivr.assembly.bookkeeping import Books
from ivr.assembly.made_ready import Ready
from ivr.config import Settings
from ivr.desk.call_files import CallFiles
from ivr.desk.messages import Messages, Tell
from ivr.desk.watch import Watch
from ivr.serving.controller import Errand
from ivr.store.duties import Duties


@dataclass(frozen=True)
class Attended:
    """What there is for agents.

    `errands` is what they dial for themselves, by name: `agent/NAME` in the dialplan. `tell` shows
    a text on an agent's screen.
    """

    tell: Tell
    roster: Roster
    supervising: Supervising
    errands: dict[str, Errand]


async def attended(
    settings: Settings, ready: Ready, books: Books, watch: Watch, spool: CallFiles
) -> Attended:
    """Return what agents have from now on; `spool` is the switch's. Raises StoreError."""
    tell, desks, audit = Messages(watch.ami).tell, ready.desks, books.audit
    roster = Roster(Duties(ready.database), audit.write, watch.ami, tell, desks)
    await roster.load()
    roster.paused = ready.metrics.paused
    roster.follow(watch)
    lead = ready.served.take
    codes = Codes(roster, watch.board, desks, lead, tell, settings.recordings)
    supervising = Supervising(audit, ready.served, desks, spool)
    errands: dict[str, Errand] = {**codes.errands, "supervise": supervising.errand}
    return Attended(tell, roster, supervising, errands)
