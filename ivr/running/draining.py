"""The hotline taken out of service: nobody new comes in, and it ends with the last call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.running import claim, detached
from ivr.switch.softswitch import SwitchError, find

# Seconds; no call lasts for a week.
LONGEST = 7 * 86_400.0


def drain(settings: Settings, say: Callable[[str], None]) -> None:
    """Refuse new callers, wait until the last call is over, and end the hotline.

    Interrupted by Ctrl-C, it takes callers as before. Raises IvrError where none runs.
    """
    if claim.running(settings.state) is None:
        raise IvrError(f"no hotline runs on {settings.state}")
    switch = find(settings.at(settings.switch_prefix))
    if switch is None:
        raise IvrError("the switch is not on this machine")
    etc = settings.etc
    say("new callers are refused (503); the hotline ends with the last call. Ctrl-C takes it back")
    try:
        # It answers INVITE and OPTIONS with 503 from now on, and says nothing until it has ended.
        switch.console(etc, "core stop gracefully", LONGEST)
    except KeyboardInterrupt:
        with suppress(SwitchError):
            switch.console(etc, "core abort shutdown")
        raise IvrError("callers are taken as before") from None
    detached.end(settings)
