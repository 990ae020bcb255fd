"""branch: compare one value with a list of cases."""

from typing import ClassVar

from ivr.flow.kit import Call, Node, NodeName, Variable


class Branch(Node, kind="branch"):
    """Go by what a variable holds; "" is the case of one that holds nothing.

    known: {branch: $caller.number, cases: {"": which_number}, otherwise: balance}
    """

    waits: ClassVar[bool] = False

    branch: Variable
    cases: dict[str, NodeName]
    otherwise: NodeName

    async def run(self, call: Call) -> NodeName:
        return self.cases.get(call.text(self.branch), self.otherwise)
