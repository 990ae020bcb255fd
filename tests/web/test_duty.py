"""Where agents stand, over a real socket."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from ivr.agents.roster import shown
from ivr.desk.duty import Duty, Standing
from ivr.web.basic import authorization
from ivr.web.duty import DutyViews
from ivr.web.site import serving
from tests.web.doors import guarded

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Roster:
    """Where agents stand; the switch does not answer while it is `gone`."""

    def __init__(self) -> None:
        self.standings: dict[str, Standing] = {}
        self.gone = False
        self.port = 0

    def of(self, agent: str) -> Standing:
        return self.standings.get(agent, Standing())

    async def change(self, agent: str, standing: Standing) -> bool:
        self.standings[agent] = standing
        return not self.gone

    async def put(self, agent: str, body: str, user: str = "1001") -> tuple[int, object]:
        url = f"http://127.0.0.1:{self.port}/api/agents/{agent}/duty"
        headers = {"Authorization": authorization(user, f"of {user}")}
        async with aiohttp.request("PUT", url, data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(self, agent: str) -> tuple[int, object]:
        url = f"http://127.0.0.1:{self.port}/api/agents/{agent}/duty"
        headers = {"Authorization": authorization("1002", "of 1002")}
        async with aiohttp.request("GET", url, headers=headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def roster() -> AsyncIterator[Roster]:
    it = Roster()
    app = guarded({user: f"of {user}" for user in ("1001", "1002", "operator")})
    DutyViews(it, shown, lambda: {"1001", "1002"}, lambda: NOON).add_to(app)
    async with serving(app, port=0) as it.port:
        yield it


async def test_an_agent_changes_where_she_stands_and_others_see_it(roster: Roster) -> None:
    meal = {"duty": "paused", "reason": "meal", "by": "1001", "since": "2026-11-22T12:00:00Z"}
    body = '{"duty": "paused", "reason": "meal"}'
    assert await roster.put("1001", body) == (200, meal | {"switch_told": True})
    assert await roster.get("1001") == (200, meal)
    assert roster.of("1001") == Standing(Duty.PAUSED, "meal", "1001", NOON)


async def test_the_operator_changes_anybody_and_who_asks_is_told_when_the_switch_is_gone(
    roster: Roster,
) -> None:
    roster.gone = True
    status, said = await roster.put("1002", '{"duty": "off"}', "operator")
    assert status == 200
    assert said == {
        "duty": "off",
        "reason": "",
        "by": "operator",
        "since": "2026-11-22T12:00:00Z",
        "switch_told": False,
    }


async def test_nobody_changes_another_agent_or_one_there_is_none_of(roster: Roster) -> None:
    assert (await roster.put("1002", '{"duty": "off"}'))[0] == 403
    assert (await roster.put("1001", '{"duty": "off"}', "1003"))[0] == 401
    assert (await roster.put("1009", '{"duty": "off"}', "operator"))[0] == 404
    assert (await roster.get("1009"))[0] == 404
    assert roster.standings == {}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "is expected"),
        ("[]", "is expected"),
        ("{}", "is expected"),
        ('{"duty": 1}', "is expected"),
        ('{"duty": "on", "who": "1002"}', "is expected"),
        ('{"duty": "away"}', "duty is one of on, off, paused"),
        ('{"duty": "paused"}', "the reason of a pause is one of"),
    ],
)
async def test_what_is_no_duty_is_told(roster: Roster, body: str, said: str) -> None:
    status, answer = await roster.put("1001", body)
    assert status == 400
    assert isinstance(answer, dict) and said in answer["error"]
