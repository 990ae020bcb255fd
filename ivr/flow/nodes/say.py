"""say: speak, go on."""

from typing import ClassVar

from pydantic import Field

from ivr.flow.kit import END, Call, Node, NodeName, Speech


class Say(Node, kind="say"):
    """Speak prompts one after the other, then go on.

    A key of `anywhere` works while it is spoken; any other key ends the prompt and is kept for
    the next question.

        sorry: {say: cannot_look_up, go: agent}
        tell: {say: {your_balance: {amount: $account.balance, until: $account.expires}}, go: menu}
    """

    waits: ClassVar[bool] = False

    say: Speech = Field(description="What is said.")
    go: NodeName = Field(END, description="Next.")

    async def run(self, call: Call) -> NodeName:
        await call.say(self.say)
        return self.go
