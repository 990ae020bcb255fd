"""`ivr test --on-asterisk`: the same tests as real calls, compared with the simulated ones."""

from __future__ import annotations

import asyncio
import logging
import signal
import time

from ivr import screen
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.project.suite import Suite
from ivr.running import preparing
from ivr.testcalls import stage
from ivr.testcalls.stage import Outcome


def place(settings: Settings, tests: Suite) -> bool:
    """Place every test's call on a switch of their own; tell each, and whether all passed.

    Raises IvrError where there is no phone or the switch does not start.
    """
    # A back end that fails, as the test says, is no news.
    logging.getLogger("ivr").addHandler(logging.NullHandler())
    preparing.build(settings, tests.project)
    began = time.perf_counter()
    try:
        outcomes = asyncio.run(_outcomes(settings, tests))
    except asyncio.CancelledError:
        raise IvrError("broken off; the switch of the tests has ended") from None
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        screen.line(f"\n{outcome}")
    calls = "1 real call" if len(outcomes) == 1 else f"{len(outcomes)} real calls"
    what = f"{len(failed)} failed" if failed else "all as expected and as simulated"
    screen.line(f"{calls}, {what}, in {time.perf_counter() - began:.0f} s")
    return not failed


async def _outcomes(settings: Settings, tests: Suite) -> list[Outcome]:
    # Told to end, it takes its switch along, which is a process in a session of its own.
    work = asyncio.current_task()
    assert work is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    done = []
    async for outcome in stage.outcomes(settings, tests.project, tests.trials):
        mark = "as expected" if outcome.passed else "FAILED     "
        screen.line(f"{mark}  {outcome.trial.where}: {outcome.trial.name}")
        done.append(outcome)
    return done
