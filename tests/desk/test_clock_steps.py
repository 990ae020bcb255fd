"""The clock is stepped: what is told and asked of the switch; time goes where a test lets it."""

from collections.abc import Mapping

import pytest

from ivr.desk.clock_steps import ClockSteps
from ivr.desk.faults import AmiLost


class Machine:
    """A clock that can be put, time that cannot, and a switch, which may be away."""

    def __init__(self) -> None:
        self.clock, self.ticks = 1_800_000_000.0, 100.0
        self.is_away = False
        self.asked: list[Mapping[str, str]] = []
        self.steps = ClockSteps(self.ask, lambda: self.clock, lambda: self.ticks)

    async def ask(self, action: Mapping[str, str]) -> None:
        if self.is_away:
            raise AmiLost("no link")
        self.asked.append(action)

    async def look(self, by: float = 0.0) -> None:
        self.ticks += 5
        self.clock += 5 + by
        await self.steps.look()


async def test_a_clock_that_is_slewed_is_nothing(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine()
    for by in (0.0, 0.3, -0.3, *([-0.5] * 20)):
        await machine.look(by)
    assert machine.asked == [] and caplog.text == ""


async def test_put_back_it_is_told_once_and_the_switch_forgets_when_agents_were_rung_last(
    caplog: pytest.LogCaptureFixture,
) -> None:
    machine = Machine()
    machine.is_away = True
    with pytest.raises(AmiLost):
        await machine.look(-3600)
    machine.is_away = False
    for _ in range(3):
        await machine.look()
    assert machine.asked == [{"Action": "QueueReset"}]
    (told,) = caplog.messages
    assert told.startswith("the clock was put back by 3600 s: agents are rung as before, but")


async def test_put_forward_it_is_told_what_that_does(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine()
    await machine.look(3600)
    await machine.look()
    assert machine.asked == []
    (told,) = caplog.messages
    assert "put forward by 3600 s: waits" in told
