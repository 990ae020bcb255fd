"""An agent sends her caller to a flow and gets her back with the result.

What is done of it by the switch stands in dialplans/sending.conf.
"""

from __future__ import annotations

from contextlib import suppress

from ivr.flow.node import END
from ivr.flow.record import storable
from ivr.flow.secret import Secret
from ivr.flow.session import Session
from ivr.line.variables import Commands
from ivr.wire import agi
from ivr.wire.agi import Expression, LineLost, Preamble

# Where the dialplan is while a flow leads her.
CONTEXT = "sending"
# A line of a softphone's screen, and far below what a text message holds.
LONGEST = 100


def is_sent(said: Preamble) -> bool:
    """Whether it is a flow to which an agent has sent her caller that the dialplan asks for."""
    return said.variables["context"] == CONTEXT


async def mark(wire: Commands, session: Session) -> None:
    """Say on the channel whether the flow is done, for the word that the agent hears."""
    if is_done(session):
        with suppress(LineLost):
            await wire.command(agi.set_variable(Expression("IVR_SENT"), "done"))


def is_done(session: Session) -> bool:
    """Whether the flow came to its end, and to none of its `outcomes`: these are failures."""
    return session.result is not None and session.result[0] == END


def told(session: Session) -> str:
    """Return the result as the agent's screen shows it: what the flow gives, but never a secret."""
    record = session.record
    whose = f"{record.caller or 'your caller'}, {record.flow}"
    if session.result is None:
        return storable(f"{whose}: not done ({record.why})")
    outcome, given = session.result
    if outcome != END:
        return storable(f"{whose}: not done ({outcome})")
    if given == "" or isinstance(given, Secret):
        return storable(f"{whose}: done")
    return storable(f"{whose}: done ({str(given)[:LONGEST]})")
