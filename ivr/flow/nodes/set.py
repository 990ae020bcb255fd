"""set: keep values under names."""

from typing import ClassVar

from ivr.flow.kit import END, Call, Node, NodeName, Value, VariableName


class Set(Node, kind="set"):
    """Keep values under names; all are read before any is kept.

    plan: {set: {topic: balance, number: $caller.number}, go: find}
    """

    waits: ClassVar[bool] = False

    set: dict[VariableName, Value]
    go: NodeName = END

    async def run(self, call: Call) -> NodeName:
        values = {str(name): call.value(value) for name, value in self.set.items()}
        call.variables.update(values)
        return self.go
