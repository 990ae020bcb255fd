"""call: walk another flow and come back."""

from pydantic import ConfigDict, Field

from ivr.flow.kit import END, Call, FlowName, Node, NodeName, Value, VariableName


class CallFlow(Node, kind="call"):
    """Walk another flow with arguments, keep what it gives, and go on by its outcome.

    The outcomes the other flow names are fields here; `go` is next for every other end.

        survey: {call: survey, with: {agent: $agent}, into: mark, go: bye, skipped: menu}
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, NodeName]

    call: FlowName = Field(description="The other flow.")
    with_: dict[VariableName, Value] = Field(
        default={},
        alias="with",
        description="What it is given: texts or variables, under the names it `takes`.",
    )
    into: VariableName | None = Field(
        None, description="The variable for what it `gives`; kept nowhere unless named."
    )
    go: NodeName = Field(END, description="Next for every end that is no outcome named here.")

    async def run(self, call: Call) -> NodeName:
        arguments = {str(name): call.value(value) for name, value in self.with_.items()}
        outcome, given = await call.enter(call.project.flows[self.call], arguments)
        if self.into is not None:
            call.variables[self.into] = given
        return (self.__pydantic_extra__ or {}).get(outcome, self.go)
