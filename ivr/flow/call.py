"""The call as a node sees it: what is known, the means to speak and listen, a flow that is walked.

A node kind awaits effects and the methods of `Call`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivr.flow.conversation import Conversation
from ivr.flow.fields import NodeName
from ivr.flow.node import Flow
from ivr.flow.secret import Secret
from ivr.flow.talk import Patience
from ivr.flow.unwinding import Elsewhere, Trouble

# A caller who never presses a key is led to a person after three tries of one menu; no flow of
# ours takes a dozen nodes for that. More than this is a loop no check has seen.
MOST_NODES_ALONE = 100
DEEPEST_CALL = 16


@dataclass
class Call(Conversation):
    """One call in one flow. A sub-flow has its own, which shares the talk."""

    depth: int = 0

    async def enter(self, flow: Flow, arguments: Mapping[str, Any]) -> tuple[NodeName, Any]:
        """Walk a sub-flow; return its outcome (END for none of its own) and what it gives.

        Raises `Trouble` where sub-flows are nested deeper than any author means.
        """
        if self.depth >= DEEPEST_CALL:
            raise Trouble(f"'{flow.name}' is entered {DEEPEST_CALL} flows deep")
        keys = self.anywhere | scope(flow)
        inner = Call(self.talk, flow, dict(arguments), keys, depth=self.depth + 1)
        outcome, given = await inner.walk(), inner.given
        if isinstance(given, Secret):
            given = replace(given, place=(self.flow, self.node))
        return outcome, given

    @property
    def given(self) -> Any:
        """What the flow gives, as far as it has come; "" for nothing."""
        return self.variables.get(self.flow.header.gives or "", "")

    async def walk(self) -> NodeName:
        """Walk the flow from its start; return the outcome it ended with, or END."""
        node = self.flow.header.start
        while node in self.flow.nodes:
            node = await self.step(node)
        return node

    async def step(self, node: NodeName) -> NodeName:
        """Come to a node of this flow, do what it says, and return the next one."""
        self.enters(node)
        self.talk.alone += 1
        self.talk.enter(getattr(self.flow.nodes[node], "secret", False))
        self.patience = Patience()
        if self.talk.alone > MOST_NODES_ALONE:
            raise Trouble(f"'{node}' goes round in circles without a key from the caller")
        try:
            return await self.flow.nodes[node].run(self)
        except Elsewhere as leads:
            if leads.flow is not self.flow:
                raise
            return leads.node

    def enters(self, node: NodeName) -> None:
        """Note that she is at a node of this flow."""
        self.talk.here, self.node = self, node
        name = f"{self.flow.name}/{node}" if self.depth else str(node)
        self.talk.logbook.entered(name, self.now)


def scope(flow: Flow) -> dict[str, tuple[Flow, NodeName]]:
    """Return what `anywhere` of a flow says, each key with the flow that owns it."""
    return {str(key): (flow, does) for key, does in flow.header.anywhere.items()}
