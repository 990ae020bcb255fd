"""The running switch given its configuration anew, without harming who talks or waits.

What app_queue (22) does at a reload: a queue that is still there keeps its callers, and its members
their pause and their calls. A queue that is gone is out of sight at once: those who wait in it are
still offered to the members it had, whose phones' states it hears of no more, and nobody can take
them out of it. So no queue goes while somebody waits in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from ivr.desk.lines import desk_of
from ivr.switch.desks import Desks
from ivr.switch.plan import Plan
from ivr.switch.queues import Line
from ivr.switch.softswitch import SwitchError

# Whose file changed, and what makes the switch read it.
_RELOADS = (
    ("pjsip.conf", "module reload res_pjsip.so"),
    ("extensions.conf", "dialplan reload"),
    ("dialplans/", "dialplan reload"),
    ("queuerules.conf", "queue reload all"),
    ("queues.conf", "queue reload all"),
    # Who talks keeps the codes with which her talk began (bridge_features), so no talk is harmed.
    ("features.conf", "module reload features"),
)
# A thousand accounts are read in under 2 s on 2 cores.
_SECONDS = 60.0


def reload(plan: Plan, changed: Collection[str]) -> list[str]:
    """Let the switch read the files of `plan` that changed; return those it reads at a start only.

    Raises SwitchError where it does not answer, or does not have the queues of the plan then.
    """
    commands = [command for start, command in _RELOADS if _among(start, changed)]
    for command in dict.fromkeys(commands):
        plan.softswitch.console(plan.etc, command, _SECONDS)
    if missing := {each.queue for each in plan.lines} - set(callers(plan)):
        log = plan.state / "log" / "messages.log"
        raise SwitchError(
            f"the switch has not taken {', '.join(sorted(missing))}; its log is {log}"
        )
    read = [file for start, _ in _RELOADS for file in _among(start, changed)]
    return sorted(set(changed) - set(read))


def _among(start: str, files: Collection[str]) -> list[str]:
    return [file for file in files if file.startswith(start)]


def callers(plan: Plan) -> dict[str, int]:
    """Return how many wait in each queue that the switch has. Raises SwitchError."""
    shown = plan.softswitch.console(plan.etc, "queue show", _SECONDS)
    return {name: int(count) for name, count in re.findall(r"^(\S+) has (\d+) calls ", shown, re.M)}


def kept(before: Desks, now: Desks, gone: Iterable[str], waiting: Mapping[str, int]) -> list[Line]:
    """Return the lines that are gone and stay as long as somebody waits there.

    Whoever is at the desk answers those of a line; nobody those of a desk that is gone, so that
    app_queue lets them out (LEAVEEMPTY), and their flows lead them on.
    """
    found = []
    for queue in gone:
        name = desk_of(queue)
        desk = now.desks.get(name) or before.desks.get(name)  # type: ignore[call-overload]
        if desk and waiting.get(queue):
            members = desk.members if name in now.desks else ()
            found.append(Line(queue, desk, dict.fromkeys(map(str, members), 0)))
    return found
