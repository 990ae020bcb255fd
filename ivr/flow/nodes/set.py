"""set: keep values under names."""

from typing import ClassVar

from pydantic import Field

from ivr.flow.kit import END, Call, Node, NodeName, Value, VariableName


class Set(Node, kind="set"):
    """Keep values under names; all are read before any is kept. The caller hears nothing.

    plan: {set: {topic: balance, number: $caller.number}, go: find}
    """

    waits: ClassVar[bool] = False

    set: dict[VariableName, Value] = Field(description="A text or a variable for each name.")
    go: NodeName = Field(END, description="Next.")

    async def run(self, call: Call) -> NodeName:
        values = {str(name): call.value(value) for name, value in self.set.items()}
        call.variables.update(values)
        return self.go
