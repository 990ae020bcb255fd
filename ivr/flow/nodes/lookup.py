"""lookup: ask a back end."""

from typing import ClassVar

from pydantic import Field

from ivr.flow.kit import (
    Call,
    Found,
    LookUp,
    LookupName,
    Missing,
    Node,
    NodeName,
    Prompt,
    PromptName,
    Speech,
    Value,
    VariableName,
    Waiting,
)

# Silence is noticed after about a second and a half; then the caller hears that we are at it,
# and again every few seconds.
A_BREATH = 1.5
A_WHILE = 5.0


class Lookup(Node, kind="lookup"):
    """Ask a back end that `flows/services.yaml` declares; keep its answer in `into`.

    `meanwhile` is said after a second and a half without an answer, and again every five seconds.
    A back end that is slow, gone or talks rubbish is `failed`; one that knows no such thing is
    `missing`.

        balance:
          lookup: billing.balance
          using: {number: $caller.number}
          into: account
          found: tell_balance
          missing: which_number
          failed: sorry
    """

    waits: ClassVar[bool] = False

    lookup: LookupName = Field(description="A look-up of `flows/services.yaml`.")
    using: dict[str, Value] = Field(
        {}, description="What is asked for: texts or variables, under the names in the path."
    )
    into: VariableName = Field(
        description="The variable that keeps the answer; `$account.balance` reads a part of it."
    )
    meanwhile: Speech = Field(
        (Prompt(PromptName("one_moment"), {}),), description="Said while it takes long."
    )
    found: NodeName = Field(description="Next with an answer.")
    missing: NodeName = Field(description="Next when the back end knows no such thing.")
    failed: NodeName = Field(description="Next when it is slow, gone or answers rubbish.")

    async def run(self, call: Call) -> NodeName:
        arguments = {name: call.confide(value) for name, value in self.using.items()}
        key = call.question_key(arguments)
        answer = await LookUp(self.lookup, arguments, A_BREATH, key=key)
        while isinstance(answer, Waiting):
            await call.say(self.meanwhile)
            answer = await LookUp(self.lookup, arguments, A_WHILE, still=True, key=key)
        if isinstance(answer, Found):
            call.variables[self.into] = answer.values
            return self.found
        return self.missing if isinstance(answer, Missing) else self.failed
