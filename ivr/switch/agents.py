"""The agents: people at phones and what they can do, as `agents.yaml` names them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ivr.flow.fields import SkillName, Word
from ivr.flow.source import Wrong
from ivr.switch.template import breaks_conf


class Part(BaseModel):
    """A part of agents.yaml and desks.yaml: it has the keys it has, and stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AgentNumber(Word):
    """An agent's number, which is also her SIP account: two to eight digits."""

    @classmethod
    def check(cls, text: str) -> None:
        if not re.fullmatch(r"[0-9]{2,8}", text):
            raise Wrong(f"an agent's number has two to eight digits; this is '{text}'", "bad-name")


class PersonName(Word):
    """A person's name, as phones and logs show it."""

    @classmethod
    def check(cls, text: str) -> None:
        # Comma and angle brackets end a name in the switch's files, quotes and backslashes bend it.
        if not 1 <= len(text) <= 60 or breaks_conf(text) or re.search(r'[,<>"\\|&$]', text):
            raise Wrong(
                f"'{text[:60]}' cannot be shown as a name: 1 to 60 characters without"
                ' , ; < > " \\ | & $',
                "bad-name",
            )


Level = Annotated[int, Field(ge=1, le=5)]
"""How well: 5 is best."""


class Agent(Part):
    """A person at a phone, and her skills with their levels.

    A supervisor may listen to the others, whisper to them and join them. Who talks from a
    `browser` has a phone that speaks WebRTC, and no other.
    """

    name: PersonName
    skills: dict[SkillName, Level] = {}
    supervisor: bool = False
    browser: bool = False
