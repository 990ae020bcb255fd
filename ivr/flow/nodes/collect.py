"""collect: take digits, check them, read them back."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ivr.flow.kit import (
    CHECKS,
    END,
    Call,
    Entry,
    Node,
    NodeName,
    Plain,
    Prompt,
    PromptName,
    Seconds,
    Speech,
    VariableName,
    Wrong,
)
from ivr.flow.nodes.menu import SILENT, choice

DIGITS = frozenset("0123456789")
NOT_RIGHT = (Prompt(PromptName("not_a_number"), {}),)


def _span(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", value)
    if not found:
        raise Wrong(f"how many digits: a number such as 11, or 6-20; this is '{value}'")
    least, most = int(found[1]), int(found[2] or found[1])
    if not 1 <= least <= most <= 32:
        raise Wrong(f"1 to 32 digits can be asked for, the lesser number first; this is '{value}'")
    return least, most


Span = Annotated[
    tuple[int, int],
    BeforeValidator(_span),
    WithJsonSchema(
        {
            "title": "number, or two",
            "type": ["integer", "string"],
            "minimum": 1,
            "maximum": 32,
            "pattern": "^[0-9]{1,2}-[0-9]{1,2}$",
            "errorMessage": "how many digits: a number such as 11, or 6-20",
        }
    ),
]


class Collect(Node, kind="collect"):
    """Speak `collect`, take digits, check them, read them back, keep them in `into`.

    `digits` is how many (`11`, `6-20`); `until` ends it early. `confirm` reads the digits back
    (as `{number:…}` of its prompt) and takes 1 for right, 2 for once more. While digits are
    typed `anywhere` sleeps. With `secret` they are written nowhere. Silence, wrong digits and
    "once more" together are forgiven; after `tries` of them `otherwise` is next.

        which:
          collect: enter_number
          digits: 11
          check: phone
          confirm: your_number_is
          into: number
          go: find
          otherwise: agent
    """

    collect: Speech = Field(description="What asks for them; a list is one prompt for each try.")
    digits: Span = Field(description="How many: `11`, or `6-20`.")
    into: VariableName = Field(description="The variable that keeps them.")
    go: NodeName = Field(END, description="Next when they are right.")
    otherwise: NodeName = Field(description="Next after the last try.")
    until: Literal["#", "*"] = Field("#", description="The key that ends them early.")
    check: Literal["phone", "luhn", "id_card"] | None = Field(
        None,
        description="`phone`: a mobile number of mainland China; `luhn`: a card whose last digit "
        "checks the others; `id_card`: a mainland identity card, with `*` for X.",
    )
    confirm: PromptName | None = Field(
        None,
        description="A prompt that reads them back as `{number:…}`; without one they are not.",
    )
    secret: bool = Field(False, description="Whether they are written into no log and no record.")
    tries: int = Field(default=3, ge=1, le=9, description="How often she may try.")
    wait: Seconds = Field(default=6.0, ge=0.5, le=60, description="How long for the first digit.")
    between: Seconds = Field(
        default=4.0, ge=0.5, le=60, description="How long for each further digit."
    )
    wrong: Speech = Field(NOT_RIGHT, description="Said after wrong digits.")
    silent: Speech = Field(SILENT, description="Said after silence.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.secret and self.confirm is not None:
            raise Wrong("a secret cannot be read back: leave out 'confirm'", "secret-spoken")
        check = CHECKS.get(self.check or "")
        if check and check.length and not self.digits[0] <= check.length <= self.digits[1]:
            raise Wrong(f"{check.what} has {check.length} digits: digits: {check.length}")
        if check and check.star and self.until == "*":
            raise Wrong(f'* is typed for {check.star} here: until: "#"')
        if check and check.star and self.confirm is not None:
            raise Wrong(f"{check.what} cannot be read back as digits: leave out 'confirm'")
        return self

    async def run(self, call: Call) -> NodeName:
        least, most = self.digits
        star = CHECKS[self.check].star if self.check else ""
        entry = Entry(
            own=DIGITS | ({"*"} if star else set()),
            complete=lambda typed: len(typed) >= most,
            until=self.until,
            wait=self.wait,
            between=self.between,
            secret=self.secret,
        )
        for attempt in range(self.tries):
            prompt = self.collect[min(attempt, len(self.collect) - 1)]
            typed = await call.ask((prompt,), entry)
            meant = typed.replace("*", star) if star else typed
            if not (least <= len(meant) and self._passes(meant)):
                await call.say(self.wrong if typed else self.silent)
            elif await self._confirmed(call, meant):
                call.variables[self.into] = meant
                return self.go
        return self.otherwise

    def _passes(self, typed: str) -> bool:
        """Whether it is digits, or what its check makes of them."""
        if self.check is None:
            return typed.isdecimal()
        return CHECKS[self.check].holds(typed)

    async def _confirmed(self, call: Call, typed: str) -> bool:
        if self.confirm is None:
            return True
        readback = Prompt(self.confirm, {"number": Plain(typed)})
        answer = await call.ask((readback,), choice(frozenset("12"), self.wait, self.wait))
        # Silence after a read-back is consent: she heard it and did not object.
        return answer in ("1", "")
