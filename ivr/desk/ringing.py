"""A supervisor's phone rung: when she answers, it is as if she had dialled the code herself.

A call file asks the switch for it (`ivr/desk/call_files.py`); the account is hers by
name, so nobody else's phone can ring, and her rights are asked again when she has answered.
"""

from __future__ import annotations

import re

from ivr.desk.call_files import CallFiles
from ivr.desk.supervision import Way, code

CONTEXT = "supervising"
# Seconds she has to answer.
PATIENCE = 30


async def ring(spool: CallFiles, supervisor: str, way: Way, agent: str, asked: int) -> None:
    """Ring a supervisor, who then listens to an agent; `asked` is the number in the audit.

    Raises ValueError for what is no agent's number, OSError where no file can be written.
    """
    for number in (supervisor, agent):
        if not re.fullmatch(r"[0-9]{2,8}", number):
            raise ValueError(f"{number!r} is no agent's number")
    lines = (
        f"Channel: PJSIP/{supervisor}",
        f'CallerID: "{way} {agent}" <{agent}>',
        f"Context: {CONTEXT}",
        f"Extension: {code(way, agent)}",
        "Priority: 1",
        f"Setvar: IVR_ASKED={asked}",
        "MaxRetries: 0",
        f"WaitTime: {PATIENCE}",
    )
    await spool.send(lines)
