"""What unwinds a running node: a fault of ours, a key that leads away, a wait that is over."""

from __future__ import annotations

from typing import Any

from ivr.errors import IvrError
from ivr.flow.effects import Heard, Queued
from ivr.flow.fields import NodeName
from ivr.flow.node import Flow


class Trouble(IvrError):
    """The flow cannot go on, by a fault of ours; the switch takes the caller to a person."""


class Elsewhere(Exception):
    """A key of `anywhere` leads away: unwinds the running node up to the flow that owns it."""

    def __init__(self, flow: Flow, node: NodeName) -> None:
        super().__init__(node)
        self.flow = flow
        self.node = node


class WaitOver(Exception):
    """The wait of a caller who stays is over: unwinds the running node up to the queue's.

    `answer` is what was asked then, as far as it came; `queued` how it ended, where that is known.
    """

    def __init__(self, answer: Any = None, queued: Queued | None = None) -> None:
        super().__init__("the wait is over")
        self.answer = answer
        self.queued = queued

    def heard(self, begin: int) -> Heard:
        """Return what she heard of an utterance from an item on."""
        return self.answer if isinstance(self.answer, Heard) else Heard("", begin)
