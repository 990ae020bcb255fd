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
    Offered,
    Plain,
    Prompt,
    PromptName,
    QueueName,
    Refused,
    Skill,
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
    """Offer that an agent of a desk calls back by a time, at a number the caller agrees to.

    `offer` says the number and the time (`{number:phone}`, `{day:date}`, `{by:time}`) and takes
    1 for yes, 2 for another number, 3 for no; `number` asks for it, and takes the star for no;
    `until` repeats the time that is promised (`{day:date}`, `{by:time}`). A number that may not be
    called back is asked for again. `impossible` is next, before anything is offered, where the desk
    promises nothing or has promised all it can keep. An agent of the desk is rung for her in her
    place; without a `trunk` people keep the promise, who work through `ivr callbacks`.

        offer: {callback: front_desk, promised: bye, declined: bye, impossible: call_again}
    """

    callback: QueueName = Field(description="A desk of `asterisk-config/desks.yaml`.")
    skills: tuple[Skill, ...] = Field(
        (), max_length=4, description="What the agent who calls must be able to do, as in `queue`."
    )
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

    @property
    def desk(self) -> str:
        """The desk whose agents are asked for."""
        return self.callback

    async def run(self, call: Call) -> NodeName:
        offered = await self._book(call, "")
        if not isinstance(offered, Offered):
            return self.impossible
        number = offered.number
        for _ in range(TRIES):
            number = number or await self._another(call)
            if not number:
                return self.declined
            offer = _prompt(self.offer.name, {"number": number, **_time(offered.until)})
            key = await call.ask((offer,), OFFER)
            if key == NO:
                return self.declined
            if key == YES:
                booked = await self._book(call, number)
                if isinstance(booked, Booked):
                    await call.say((_prompt(self.until.name, _time(booked.until)),))
                    return self.promised
                if not isinstance(booked, Refused):
                    return self.impossible
                await call.say(NOT_RIGHT)
            if key in (YES, ANOTHER):
                number = ""
            else:
                await call.say(WRONG if key else SILENT)
        return self.declined

    def _book(self, call: Call, number: str) -> Book:
        skills = tuple(call.text(skill) for skill in self.skills)
        hers = "" if number else call.text(CALLS_FROM)
        return Book(self.callback, number, call.language, skills, call.talk.speed, hers)

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
