"""What a caller types that is written nowhere and said by nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ivr.flow.fields import NodeName
from ivr.flow.record import SECRET

if TYPE_CHECKING:
    from ivr.flow.node import Flow

MISREAD = "◦"
"""Stands for a digit of a secret that was not right, where `•` stands for one that may be."""

UNTOLD = SECRET + MISREAD
"""What stands in a journal for digits that it does not hold."""


@dataclass(frozen=True)
class Secret:
    """A value that shows itself to nobody: as text it is `•`, in whatever is logged or spoken.

    Only a look-up is told it, by `Call.confide`. Its first key came at `since`; it was asked for,
    or given by another flow, at `place`.
    """

    told: str = field(repr=False)
    since: datetime
    place: tuple[Flow, NodeName] = field(repr=False)

    @property
    def is_lost(self) -> bool:
        """Whether only that it was typed is known: another controller has taken the call over."""
        return self.told == SECRET

    def __str__(self) -> str:
        return SECRET
