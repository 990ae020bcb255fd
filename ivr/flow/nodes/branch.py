"""branch: compare one value with a list of cases."""

from typing import ClassVar

from pydantic import Field

from ivr.flow.kit import Call, Node, NodeName, Variable


class Branch(Node, kind="branch"):
    """Go by what a variable holds, compared as text. The caller hears nothing.

    known: {branch: $caller.number, cases: {"": which_number}, otherwise: balance}
    """

    waits: ClassVar[bool] = False

    branch: Variable = Field(description="The variable.")
    cases: dict[str, NodeName] = Field(
        description='A node for each text; `""` is the case of a variable that holds nothing.'
    )
    otherwise: NodeName = Field(description="Next for every other text.")

    async def run(self, call: Call) -> NodeName:
        return self.cases.get(call.text(self.branch), self.otherwise)
