"""What a caller is asked to bear at most: `person_within` and `menu_within` of `ivr.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1, le=99)]
Time = Annotated[float, Field(ge=1, le=3600)]


class PersonWithin(BaseModel):
    """The keys a caller presses and the seconds that pass before a person is rung for her.

    `silence` are the seconds for one who presses nothing at all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: Count = 3
    seconds: Time = 45
    silence: Time = 180


class MenuWithin(BaseModel):
    """The choices a menu offers, and the seconds in which it tells them at 100%."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    choices: Count = 9
    seconds: Time = 45


class Limits(BaseModel):
    """The limits of the rules that have one."""

    model_config = ConfigDict(frozen=True)

    person: PersonWithin = PersonWithin()
    menu: MenuWithin = MenuWithin()
