"""`ivr desks apply`: what desks.yaml, agents.yaml and the codes of ivr.yaml say now, given to the
switch that runs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from ivr import config
from ivr.config import FILE, Settings
from ivr.errors import FlowError, IvrError
from ivr.project import disk
from ivr.running import planning
from ivr.switch import applied, apply, configure
from ivr.switch.plan import Plan
from ivr.switch.queues import Line
from ivr.switch.softswitch import find

# Rules of flows that speak of desks; others keep nobody from giving them to the switch.
_OF_FLOWS = ("no-such-queue", "no-such-skill")
# In which who waits at a desk that is gone is let out of it; app_queue looks once a second.
_SECONDS_TO_EMPTY = 5.0


def check(settings: Settings) -> disk.Checked:
    """Return what is on disk. Raises FlowError with all that is wrong in what is applied."""
    checked = disk.check(settings)
    files = (str(settings.desks), str(settings.agents), FILE)
    wrong = [p for p in checked.problems if p.where.file in files or p.rule in _OF_FLOWS]
    if wrong or checked.desks is None:
        raise FlowError(wrong or checked.problems)
    return checked


def running(settings: Settings) -> Settings:
    """Return the settings with which the switch of this state directory was started.

    Raises IvrError where none was.
    """
    try:
        kept = json.loads((settings.etc / planning.SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise IvrError(f"no hotline has run on {settings.state}") from None
    return config.settings(**kept)


def to_switch(now: Settings, say: Callable[[str], None]) -> None:
    """Write the configuration of the running switch anew, let it read what changed, and say what.

    Of `now` the codes of agents are applied (`sends`); everything else is as the switch was started
    with. Raises FlowError for mistakes, and IvrError where no switch runs or it does not take it.
    Calls go on, and whoever waits.
    """
    started = time.monotonic()
    was = running(now)
    settings = was.model_copy(update={"sends": now.sends})
    furniture = check(settings).desks
    softswitch = find(settings.at(settings.switch_prefix))
    before = applied.read(settings.etc)
    if furniture is None or softswitch is None or before is None:
        raise IvrError(f"no hotline runs on {settings.state}; `ivr up` takes the desks as they are")
    lines = disk.lines(settings, furniture)
    plan = planning.plan_of(settings, softswitch, furniture, lines)
    gone = [queue for queue in before.queues if queue not in {line.queue for line in lines}]
    left = apply.kept(before.desks, furniture, gone, apply.callers(plan))
    with_left = replace(plan, lines=[*lines, *left])
    late = _written(with_left)
    if any(not line.penalties for line in left):
        left = _emptied(plan, left)
        _written(replace(plan, lines=[*lines, *left]))
    planning.keep(settings)
    changes = applied.told(before.desks, furniture) + _codes(was.sends, settings.sends)
    for told in changes or ["desks, agents and codes are as they were"]:
        say(told)
    for line in left:
        say(f"{line.queue} stays until its callers are served; apply again then")
    if late:
        say(f"read at the next start of the switch: {', '.join(late)}")
    say(f"{len(lines)} lines applied in {time.monotonic() - started:.1f} s")


def _codes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return in a line what the codes of agents are, where they are other than before."""
    if before == now:
        return []
    codes = ", ".join(f"{code} {flow}" for code, flow in now.items())
    return [f"agents' codes: {codes or 'none'}"]


def _written(plan: Plan) -> list[str]:
    """Write a plan and let the switch read it; return the files that it reads at its start only."""
    late = apply.reload(plan, configure.write(plan))
    applied.keep(plan.etc, plan.desks, plan.lines)
    return late


def _emptied(plan: Plan, left: list[Line]) -> list[Line]:
    """Wait until those who waited at desks that are gone are let out; return the lines in use."""
    deadline = time.monotonic() + _SECONDS_TO_EMPTY
    while True:
        waiting = apply.callers(plan)
        used = [line for line in left if waiting.get(line.queue)]
        if all(line.penalties for line in used) or time.monotonic() > deadline:
            return used
        time.sleep(0.2)
