"""send: a text message in her language."""

from typing import Annotated, ClassVar

from pydantic import Field

from ivr.flow.kit import (
    END,
    Call,
    Node,
    NodeName,
    Prompt,
    PromptName,
    Send,
    Speech,
    Value,
    Variable,
    Waiting,
)
from ivr.flow.nodes.lookup import A_BREATH, A_WHILE


class SendText(Node, kind="send"):
    """Send a prompt as a text message in the caller's language.

    Values are written in figures. `failed` is next when the message was not taken, and when the
    number is withheld or no number.

        details:
          send: {your_balance: {amount: $account.balance, until: $account.expires}}
          sent: told
          failed: sorry
    """

    waits: ClassVar[bool] = False

    send: Annotated[Speech, Field(max_length=1)] = Field(description="The prompt that is sent.")
    to: Value = Field(Variable("$caller.number"), description="The number it goes to.")
    meanwhile: Speech = Field(
        (Prompt(PromptName("one_moment"), {}),), description="Said while it takes long."
    )
    sent: NodeName = Field(END, description="Next when it was taken.")
    failed: NodeName = Field(description="Next when it was not, or there is no number.")

    async def run(self, call: Call) -> NodeName:
        to, text = call.text(self.to), call.written(self.send[0])
        key = call.question_key({to: text})
        taken = await Send(to, text, call.language, A_BREATH, key=key)
        while isinstance(taken, Waiting):
            await call.say(self.meanwhile)
            taken = await Send(to, text, call.language, A_WHILE, still=True, key=key)
        return self.sent if taken else self.failed
