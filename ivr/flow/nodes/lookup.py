"""lookup: ask a back end."""

from typing import ClassVar

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

    `meanwhile` is said when the answer takes longer than a breath. A back end that is slow, gone
    or talks rubbish is `failed`; one that knows no such thing is `missing`.

        balance:
          lookup: billing.balance
          using: {number: $caller.number}
          into: account
          found: tell_balance
          missing: which_number
          failed: sorry
    """

    waits: ClassVar[bool] = False

    lookup: LookupName
    using: dict[str, Value] = {}
    into: VariableName
    meanwhile: Speech = (Prompt(PromptName("one_moment"), {}),)
    found: NodeName
    missing: NodeName
    failed: NodeName

    async def run(self, call: Call) -> NodeName:
        arguments = {name: call.confide(value) for name, value in self.using.items()}
        answer = await LookUp(self.lookup, arguments, A_BREATH)
        while isinstance(answer, Waiting):
            await call.say(self.meanwhile)
            answer = await LookUp(self.lookup, arguments, A_WHILE, still=True)
        if isinstance(answer, Found):
            call.variables[self.into] = answer.values
            return self.found
        return self.missing if isinstance(answer, Missing) else self.failed
