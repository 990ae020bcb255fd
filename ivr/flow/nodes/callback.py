"""callback: have an agent call back, by a time that is promised."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ivr.flow.kit import (
    CHECKS,
    STAR,
    Book,
    Booked,
    Call,
    Entry,
    Node,
    NodeName,
    Plain,
    Prompt,
    PromptName,
    QueueName,
    Speech,
    Variable,
    Wrong,
)
from ivr.flow.nodes.collect import DIGITS, NOT_RIGHT
from ivr.flow.nodes.menu import SILENT, WRONG, choice

TRIES = 3
CALLS_FROM = Variable("$caller.number")
YES, ANOTHER, NO = "1", "2", "3"
OFFER = choice(frozenset({YES, ANOTHER, NO}), wait=6.0, between=2.0)
NUMBER = Entry(
    own=DIGITS | {STAR},
    complete=lambda typed: typed == STAR or len(typed) >= CHECKS["phone"].digits[1],
    until="#",
    wait=6.0,
    between=4.0,
)

# With one of each value, so that a prompt is checked against what it will be told.
SAMPLE = {"number": "13800138000", "day": "2026-11-22", "by": "15:05"}


def _telling(*names: str) -> BeforeValidator:
    def prompt(value: Any) -> Any:
        if not isinstance(value, str):
            raise Wrong("a prompt id is expected here", "wrong-shape")
        return _prompt(PromptName.of(value), {name: SAMPLE[name] for name in names})

    return BeforeValidator(prompt, json_schema_input_type=PromptName)


def _prompt(name: PromptName, values: dict[str, str]) -> Prompt:
    return Prompt(name, {key: Plain(value) for key, value in values.items()})


class Callback(Node, kind="callback"):
    """Offer that an agent of a queue calls back by a time, at a number the caller agrees to.

    `offer` says the number and the time (`{number:phone}`, `{day:date}`, `{by:time}`) and takes
    1 for yes, 2 for another number, 3 for no; `number` asks for it, and takes the star for no;
    `until` repeats the time that is promised (`{day:date}`, `{by:time}`). `impossible` is next,
    before anything is offered, where the desk promises nothing. An agent of the desk is rung for
    her in her place; without a `trunk` people keep the promise, who work through `ivr callbacks`.

        offer: {callback: front_desk, promised: bye, declined: bye, impossible: call_again}
    """

    callback: QueueName = Field(description="A desk of `asterisk-config/desks.yaml`.")
    offer: Annotated[Prompt, _telling("number", "day", "by")] = Field(
        _prompt(PromptName("callback_offer"), SAMPLE),
        description="Offers it: `{number:phone}`, `{day:date}`, `{by:time}`.",
    )
    number: Speech = Field(
        (Prompt(PromptName("callback_number"), {}),), description="Asks for another number."
    )
    until: Annotated[Prompt, _telling("day", "by")] = Field(
        _prompt(PromptName("callback_until"), {name: SAMPLE[name] for name in ("day", "by")}),
        description="Repeats what is promised: `{day:date}`, `{by:time}`.",
    )
    promised: NodeName = Field(description="Next when it is promised.")
    declined: NodeName = Field(description="Next when she wants no call.")
    impossible: NodeName = Field(description="Next where the desk promises nothing.")

    async def run(self, call: Call) -> NodeName:
        offered = await Book(self.callback, "", call.language)
        if not isinstance(offered, Booked):
            return self.impossible
        number = await self._agreed(call, offered.until)
        if not number:
            return self.declined
        booked = await Book(self.callback, number, call.language)
        if not isinstance(booked, Booked):
            return self.impossible
        await call.say((_prompt(self.until.name, _time(booked.until)),))
        return self.promised

    async def _agreed(self, call: Call, until: datetime) -> str:
        """Return the number she wants to be called at; "" where she wants no call."""
        number = CHECKS["phone"].read(call.text(CALLS_FROM))
        for _ in range(TRIES):
            number = number or await self._another(call)
            if not number:
                return ""
            offer = _prompt(self.offer.name, {"number": str(number), **_time(until)})
            key = await call.ask((offer,), OFFER)
            if key == YES:
                return str(number)
            if key == NO:
                return ""
            if key == ANOTHER:
                number = None
            else:
                await call.say(WRONG if key else SILENT)
        return ""

    async def _another(self, call: Call) -> str:
        for _ in range(TRIES):
            typed = await call.ask(self.number, NUMBER)
            if typed == STAR:
                return ""
            if CHECKS["phone"].read(typed):
                return typed
            await call.say(NOT_RIGHT if typed else SILENT)
        return ""


def _time(until: datetime) -> dict[str, str]:
    return {"day": f"{until:%Y-%m-%d}", "by": f"{until:%H:%M}"}
