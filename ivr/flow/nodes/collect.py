"""collect: take digits, check them, read them back."""

import re
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ivr.flow.kit import (
    CHECKS,
    END,
    STAR,
    Call,
    Check,
    Entry,
    Mask,
    Node,
    NodeName,
    Plain,
    Prompt,
    PromptName,
    Seconds,
    Speech,
    Typed,
    VariableName,
    Wrong,
    any_digits,
)
from ivr.flow.nodes.menu import SILENT, choice

DIGITS = frozenset("0123456789")
NOT_RIGHT = (Prompt(PromptName("wrong_digits"), {}),)


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

    `digits` is how many (`11`, `6-20`), which a `check` or a `pattern` tells by itself; `until`
    ends it early. `confirm` reads the value back (as `{number:…}` of its prompt) and takes 1 for
    right, 2 for once more. While digits are typed `anywhere` sleeps. With `secret` they are
    written nowhere. Silence, wrong digits and "once more" together are forgiven; after `tries`
    of them `otherwise` is next.

        which:
          collect: enter_number
          check: phone
          confirm: your_number_is
          into: number
          go: find
          otherwise: agent
    """

    collect: Speech = Field(description="What asks for them; a list is one prompt for each try.")
    digits: Span | None = Field(
        None, description="How many: `11`, or `6-20`. A `check` or a `pattern` tells it by itself."
    )
    into: VariableName = Field(description="The variable that keeps them.")
    go: NodeName = Field(END, description="Next when they are right.")
    otherwise: NodeName = Field(description="Next after the last try.")
    until: Literal["#", "*"] = Field("#", description="The key that ends them early.")
    check: Literal["phone", "date", "amount", "id_card", "luhn"] | None = Field(
        None,
        description="`phone`: a mobile number of mainland China; `date`: a day as eight digits; "
        "`amount`: money, with `*` for the point; `id_card`: a mainland identity card, with `*` "
        "for X; `luhn`: a card whose last digit checks the others.",
    )
    pattern: Mask | None = Field(None, description="Digits that must stand there, `x` for any.")
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

    @property
    def looks(self) -> Check:
        """How what is typed is looked at, and what it is kept as."""
        if self.check is not None:
            known = CHECKS[self.check]
            return replace(known, digits=self.digits or known.digits)
        if (mask := self.pattern) is not None:
            return Check(mask.read, "digits", (len(mask),) * 2)
        return Check(any_digits, "digits", self.digits or (1, 32))

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.secret and self.confirm is not None:
            raise Wrong("a secret cannot be read back: leave out 'confirm'", "secret-spoken")
        if self.check and self.pattern:
            raise Wrong("a 'check' and a 'pattern' together: leave one of them out")
        if self.digits is None and not (self.check or self.pattern):
            raise Wrong("collect needs 'digits', a 'check' or a 'pattern'", "missing-key")
        self._agree()
        if self.looks.star and self.until == STAR:
            raise Wrong(f'the * is {self.looks.star} here: write until: "#"')
        return self

    def _agree(self) -> None:
        if self.digits is None or not (self.check or self.pattern):
            return
        least, most = CHECKS[self.check].digits if self.check else (len(self.pattern or ""),) * 2
        if self.digits[1] < least or most < self.digits[0]:
            span = str(most) if least == most else f"{least}-{most}"
            raise Wrong(f"{self.check or self.pattern} has {span} digits: leave out 'digits'")

    async def run(self, call: Call) -> NodeName:
        looks = self.looks
        entry = Entry(
            own=DIGITS | set(STAR if looks.star else ""),
            complete=lambda typed: len(typed) >= looks.digits[1],
            until=self.until,
            wait=self.wait,
            between=self.between,
            secret=self.secret,
            most=looks.digits[1],
        )
        for attempt in range(self.tries):
            prompt = self.collect[min(attempt, len(self.collect) - 1)]
            typed = await call.ask((prompt,), entry)
            value = call.read(typed, looks)
            if value is None:
                await call.say(self.wrong if typed else self.silent)
            elif await self._confirmed(call, value):
                call.variables[self.into] = call.conceal(str(value)) if self.secret else value
                return self.go
        return self.otherwise

    async def _confirmed(self, call: Call, value: Typed) -> bool:
        if self.confirm is None:
            return True
        readback = Prompt(self.confirm, {"number": Plain(self.looks.back(value))})
        answer = await call.ask((readback,), choice(frozenset("12"), self.wait, self.wait))
        # Silence after a read-back is consent: she heard it and did not object.
        return answer in ("1", "")
