from decimal import Decimal

import pytest

from ivr.flow import source
from ivr.flow.effects import Queued
from ivr.flow.services import Failed, Found, Missing
from ivr.trial import given
from ivr.trial.real_time import GivenBackEnds
from tests.trial.scenes import project, world

ASKED = {"number": "13800138000"}


def mistakes(written: str) -> list[str]:
    tree, _ = source.read("g.yaml", written)
    assert tree is not None
    found, problems = given.read(tree, project())
    assert found is None
    return [str(problem) for problem in problems]


def test_nothing_given_is_a_known_caller_whom_an_agent_answers_at_once() -> None:
    found = world("{}")
    assert found.caller and found.queued("desk", 60) == (Queued("answered", "1001"), 0)


def test_a_look_up_answers_what_is_listed_and_nothing_else() -> None:
    found, services = world(), project().services
    assert found.reply(services, "billing.balance", ASKED).answer == Found(
        {"balance": Decimal("123.45")}
    )
    assert found.reply(services, "billing.balance", {"number": "1"}).answer == Missing()


@pytest.mark.parametrize(
    ("written", "answer", "after"),
    [
        ("fails", Failed, 0),
        ("missing after 2s", Missing, 2),
        ("{any: {balance: 1}}", Found, 0),
        ("{any: {balance: 1}, after: 3s}", Found, 3),
        ("{any: fails, after: 3s}", Failed, 3),
    ],
)
def test_a_back_end_fails_or_takes_its_time(written: str, answer: type, after: float) -> None:
    reply = world(f"billing.balance: {written}").reply(project().services, "billing.balance", ASKED)
    assert isinstance(reply.answer, answer) and reply.after == after


def test_an_answer_after_the_time_limit_is_none() -> None:
    found = world("billing.balance: {any: {balance: 1}, after: 1m}")
    reply = found.reply(project().services, "billing.balance", ASKED)
    assert isinstance(reply.answer, Failed) and reply.after == 8


@pytest.mark.parametrize(
    ("written", "queued", "seconds"),
    [
        ("answers", Queued("answered", "1001"), 0),
        ("1002 answers after 20s", Queued("answered", "1002"), 20),
        ("answers after 2m", Queued("unanswered"), 60),
        ("nobody", Queued("closed"), 0),
        ("full", Queued("full"), 0),
        ("unanswered", Queued("unanswered"), 60),
    ],
)
def test_agents_answer_or_not(written: str, queued: Queued, seconds: float) -> None:
    assert world(f"agents: {{desk: {written}}}").queued("desk", 60) == (queued, seconds)


def test_a_number_is_busy_or_rings_for_as_long_as_it_may() -> None:
    found = world('dials: {"1001": busy, "1002": answers after 50s}')
    assert found.dialled("1001", 30) == ("busy", 0)
    assert found.dialled("1002", 30) == ("unanswered", 30)
    assert found.dialled("1003", 30) == ("answered", 0)


def test_one_call_changes_what_is_given_to_all() -> None:
    common = world("agents: {desk: nobody}\nbilling.balance: fails\ncaller: '1'")
    tree, _ = source.read("g.yaml", "billing.balance: missing")
    assert tree is not None
    own, problems = given.read(tree, project(), common)
    assert own is not None and not problems
    assert (own.caller, own.agents) == ("1", common.agents)
    assert own.reply(project().services, "billing.balance", ASKED).answer == Missing()


def test_what_she_chose_before_is_how_her_call_begins() -> None:
    found = world("remembers: {language: yue, speed: 75%}")
    session = found.session(project(), "f")
    session.hang_up(found.now)
    assert (session.record.language, session.record.speed) == ("yue", "75%")


def test_an_answer_that_stands_where_what_is_asked_should_is_told_so() -> None:
    assert mistakes("billing.balance: {balance: 5, expires: 2026-12-31}\n") == [
        "g.yaml:1:19: answers stand under what is asked, or under any: {any: {balance: …}} "
        "[wrong-value]",
        "g.yaml:1:31: answers stand under what is asked, or under any: {any: {expires: …}} "
        "[wrong-value]",
    ]


async def test_a_world_of_real_time_is_answered_the_same() -> None:
    back_ends = GivenBackEnds(world(), project().services)
    assert isinstance(await back_ends.look_up("billing.balance", ASKED, "k"), Found)


def test_every_mistake_is_told_with_its_place() -> None:
    assert mistakes(
        "now: 2026-11-20\n"
        "callerr: 1\n"
        "agents: {dsk: answers, desk: 1001 answer}\n"
        "billing.balanc: fails\n"
        "billing.balance: {after: 3, '1': {balance: x, expire: 2026-12-31}, '2': fail}\n"
    ) == [
        "g.yaml:4:1: there is no look-up 'billing.balanc'; did you mean 'billing.balance'? "
        "[no-such-lookup]",
        "g.yaml:5:26: 3 has no unit; did you mean 3s or 3m? [no-unit]",
        "g.yaml:5:44: 'balance' is not money: figures are expected [wrong-value]",
        "g.yaml:5:47: the look-up gives no 'expire'; did you mean 'expires'? [unknown-key]",
        "g.yaml:5:73: one of missing, fails is expected here, such as 'missing after 5s'; "
        "this is 'fail'; did you mean 'fails'? [wrong-value]",
        "g.yaml:1:6: 2026-11-20 tells no offset from UTC; Beijing's is +08:00 [wrong-value]",
        "g.yaml:3:30: one of answers, nobody, full, unanswered is expected here, such as "
        "'answers after 5s'; this is '1001 answer'; did you mean 'answers'? [wrong-value]",
        "g.yaml:2:1: given has no 'callerr'; did you mean 'caller'? [unknown-key]",
        "g.yaml:3:10: there is no queue 'dsk'; did you mean 'desk'? [no-such-queue]",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "[]",
        "x",
        "now: []",
        "now: 0001-01-01T00:00+08:00",
        "now: 9999-12-31T00:00+08:00",
        "agents: x",
        "agents: {desk: {outcome: full}}",
        "dials: {'1': []}",
        "recording: loud",
        "caller: +86",
        "lookups: {}",
        "announced: {here: {cmn: 你好。}}",
        "billing.balance: []",
    ],
)
def test_another_shape_is_told(written: str) -> None:
    assert mistakes(written)
