"""Whether an agent is offered callers: on duty, off duty, or paused, why, and who decided.

Pure. What the switch knows of it is a pause with a reason in every queue she answers, so that
tools which read `queue_log` see it as they see any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

NO_ANSWER = "no answer"
OFF_DUTY = "off duty"
REASONS: Mapping[str, str] = {"1": "break", "2": "meal", "3": "training", "4": "after-call work"}
"""Why an agent pauses, by the digit she dials; NO_ANSWER is the hotline's own."""


# Seconds by which one event may be later than another.
EVENTS_LATE = 0.5


class Duty(StrEnum):
    """What an agent's duty is."""

    ON = "on"
    OFF = "off"
    PAUSED = "paused"


@dataclass(frozen=True)
class Standing:
    """Where an agent stands; `by` is an agent, `operator` or `hotline`, who decided it.

    One who was never heard of is on duty: whoever is registered can be rung.
    """

    duty: Duty = Duty.ON
    reason: str = ""
    by: str = ""
    since: datetime | None = None

    @property
    def pause(self) -> str:
        """Why the switch offers her no callers; "" where it offers her some."""
        return {Duty.ON: "", Duty.OFF: OFF_DUTY, Duty.PAUSED: self.reason}[self.duty]

    @property
    def words(self) -> str:
        """What is asked for who shall stand so: `paused, meal`."""
        return f"{self.duty}, {self.reason}" if self.reason else str(self.duty)

    def __str__(self) -> str:
        """Where she stands, as a person would say it."""
        if self.duty is Duty.PAUSED:
            return f"paused ({self.reason})"
        return f"{self.duty} duty"

    def toggled(self, by: str, now: datetime) -> Standing:
        """Return her off duty if she is offered callers, and on duty if she is not."""
        return Standing(Duty.OFF if self.duty is Duty.ON else Duty.ON, "", by, now)

    def resumed(self, by: str, now: datetime) -> Standing:
        """Return her on duty if she is paused; one who is off duty stays so."""
        return Standing(Duty.ON, "", by, now) if self.duty is Duty.PAUSED else self

    def paused(self, reason: str, by: str, now: datetime) -> Standing:
        """Return her paused; one who is off duty stays so."""
        if self.duty is Duty.OFF:
            return self
        return Standing(Duty.PAUSED, reason, by, now)


def asked(duty: str, reason: str, by: str, now: datetime) -> Standing:
    """Return where an agent shall stand. Raises ValueError saying what there is to choose."""
    if duty not in list(Duty):
        raise ValueError(f"duty is one of {', '.join(Duty)}")
    reasons = REASONS.values()
    if duty == Duty.PAUSED and reason not in reasons:
        raise ValueError(f"the reason of a pause is one of {', '.join(reasons)}")
    if duty != Duty.PAUSED and reason:
        raise ValueError("only a pause has a reason")
    return Standing(Duty(duty), reason, by, now)


def differing(
    standings: Mapping[str, Standing], members: Iterable[Mapping[str, str]]
) -> dict[str, str]:
    """Return what the switch has to be told: why each agent is paused who stands there otherwise.

    `members` are a queue's member as QueueStatus lists it, each; "" is for one who is offered
    callers.
    """
    found: dict[str, str] = {}
    for member in members:
        agent = member.get("Location", "").removeprefix("PJSIP/")
        wanted = standings.get(agent, Standing()).pause
        known = member.get("PausedReason", "") if member.get("Paused") == "1" else None
        if known != (wanted or None):
            found[agent] = wanted
    return found


def did_not_answer(ring_time: str, ring_for: float, rang: float) -> bool:
    """Whether a phone has rung as long as it may.

    `ring_time` is that of an AgentRingNoAnswer, in milliseconds: of one who refused, is busy, or
    whose caller's patience ended first it is less. For app_queue it is also the time of those who
    refused before her, so it must have `rang` as long, in seconds since her AgentCalled.
    """
    whole = re.fullmatch(r"[0-9]{1,9}", ring_time) and int(ring_time) >= ring_for * 1000
    return bool(whole) and rang > ring_for - EVENTS_LATE


def without_answer(standing: Standing, now: datetime) -> Standing:
    """Return an agent who let her phone ring; one who is offered no callers stays as she is."""
    if standing.duty is not Duty.ON:
        return standing
    return replace(standing, duty=Duty.PAUSED, reason=NO_ANSWER, by="hotline", since=now)
