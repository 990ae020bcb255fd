"""The call: three languages, her own speed, keys that are never lost, back ends that fail."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ivr.flow.speech import Clip
from ivr.phone import Phone
from tests.calls.conftest import Dial
from tests.calls.hotline import Hotline, nodes, said, seconds, until
from tests.calls.listening import ALIKE, hears, sound, words
from tests.stage import shipped

KNOWN = "13800138000"  # 123.45 until 2026-12-31 at the demo back end
VALUES = {"amount": "123.45", "until": "2026-12-31"}
SENTENCES = {
    "cmn": ("1", "您的话费余额是一百二十三元四角五分，有效期到二零二六年十二月三十一日。"),
    "yue": ("2", "你嘅話費餘額係一百二十三蚊四毫半，有效期到二零二六年十二月三十一號。"),
    "en": (
        "3",
        "Your balance is one hundred and twenty-three yuan and forty-five fen, "
        "valid until the thirty-first of December, twenty twenty-six.",
    ),
}


@pytest.fixture
async def faults(hotline: Hotline) -> AsyncIterator[Hotline]:
    """The hotline, whose back end is mended afterwards."""
    yield hotline
    await hotline.faults()


async def test_a_caller_hears_her_balance_in_her_language(hotline: Hotline, dial: Dial) -> None:
    async def hears_it(key: str) -> tuple[dict[str, Any], Path]:
        async with dial(await hotline.customer(VALUES["amount"], VALUES["until"])) as caller:
            await caller.press(f"{key}1")
            await caller.comes_to("tell_balance")
            return await caller.comes_to("menu"), caller.wav

    heard = await asyncio.gather(*(hears_it(key) for key, _ in SENTENCES.values()))
    for (language, (_, sentence)), (record, wav) in zip(SENTENCES.items(), heard, strict=True):
        told = next(heard for heard in record["heard"] if heard["prompt"] == "your_balance")
        assert (told["text"], told["language"], told["finished"]) == (sentence, language, True)
        # What was written down was really in her ear: the clips lie there, one after the other.
        at = told["from"] / 1000 - 0.1
        for clip in words("your_balance", language, VALUES):
            found = hears(sound(clip), wav, at)
            assert found.score > ALIKE, clip
            at = found.at
        assert at < told["to"] / 1000


async def test_again_says_it_again_and_zero_is_an_agent(dial: Dial) -> None:
    async with dial(KNOWN) as caller:
        await caller.press("11")
        await caller.comes_to("tell_balance")
        await asyncio.sleep(1.5)
        await caller.press("9")
        await asyncio.sleep(1.0)
        await caller.press("0")
        record = await caller.comes_to("connecting")
    told = [h for h in record["heard"] if h["prompt"] == "your_balance"]
    assert len(told) == 2
    assert told[0]["text"][:5] == told[1]["text"][:5] == "您的话费余"


async def test_keys_typed_during_the_welcome_land_in_the_balance(dial: Dial) -> None:
    async with dial(KNOWN) as caller:
        await caller.call.press("11", gap=0.05)
        record = await caller.comes_to("tell_balance")
    assert nodes(record)[2:] == ["menu", "balance", "own_balance", "tell_balance"]
    assert [press["key"] for press in record["keys"]] == ["1", "1"]


async def test_keys_typed_while_the_back_end_is_asked_count_afterwards(
    dial: Dial, faults: Hotline
) -> None:
    await faults.faults(delay="1.2s")
    async with dial(KNOWN) as caller:
        await caller.press("11")
        await caller.comes_to("own_balance")
        await caller.call.press("*0", gap=0.05)
        record = await caller.comes_to("connecting")
    assert "one_moment" not in said(record)
    assert [press["key"] for press in record["keys"]] == ["1", "1", "*", "0"]
    assert record["speed"] == "90%"


async def test_a_slow_back_end_is_explained_after_a_breath(dial: Dial, faults: Hotline) -> None:
    await faults.faults(delay="3s")
    async with dial(KNOWN) as caller:
        await caller.press("11")
        await caller.comes_to("own_balance")
        record = await caller.comes_to("tell_balance")
    asked = next(s for s in record["path"] if s["node"] == "own_balance")
    filler = next(h for h in record["heard"] if h["prompt"] == "one_moment")
    began = record["path"][0]["entered"]
    assert filler["language"] == "cmn"
    waited = seconds(began, asked["entered"])
    assert filler["from"] / 1000 - waited == pytest.approx(1.5, abs=0.3)


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"garble": True}, {"delay": "20s"}], ids=["500", "rubbish", "slow"]
)
async def test_a_back_end_that_fails_leads_to_an_agent_in_her_language(
    dial: Dial, faults: Hotline, fault: dict[str, object]
) -> None:
    await faults.faults(**fault)
    async with dial(KNOWN) as caller:
        await caller.press("21")
        record = await caller.comes_to("connecting")
    assert nodes(record)[-3:] == ["sorry", "agent", "connecting"]
    apology = next(h for h in record["heard"] if h["prompt"] == "cannot_look_up")
    assert apology["language"] == "yue"
    first = shipped().catalogue.utterance("cannot_look_up", "yue")[0]
    assert isinstance(first, Clip)
    assert hears(sound(first), caller.wav).score > ALIKE


async def test_an_unknown_caller_types_a_number_and_hears_it_read_back(dial: Dial) -> None:
    async with dial() as caller:
        await caller.press("11")
        await caller.comes_to("which_number")
        await caller.call.press("13800138000", gap=0.05)

        async def read_back() -> bool:
            record = await caller.record()
            return bool(record) and len(record["keys"]) == 13  # type: ignore[index]

        await until(read_back)
        await asyncio.sleep(4)  # she listens to it before she agrees
        await caller.press("1")
        await caller.comes_to("tell_balance")
        record = await caller.comes_to("menu")
    read = next(h for h in record["heard"] if h["prompt"] == "your_number_is")
    assert read["text"].startswith("您输入的号码是幺三八 零零幺三")
    assert "your_balance" in said(record)


async def test_a_number_nobody_has_is_told(dial: Dial) -> None:
    async with dial() as caller:
        await caller.press("31")
        await caller.comes_to("which_number")
        await caller.call.press("19999999999", gap=0.05)
        await caller.press("1")
        record = await caller.comes_to("menu")
    assert nodes(record)[-3:] == ["other_balance", "unknown", "menu"]
    assert "unknown_number" in said(record)


async def test_silence_is_forgiven_with_shorter_prompts_and_then_a_person(dial: Dial) -> None:
    async with dial() as caller:
        await caller.press("##1")  # at her speed the menu takes less long
        record = await caller.comes_to("connecting", within=90)
    heard = said(record)
    silences = ["main_menu", "nothing_heard", "main_menu_short", "nothing_heard"]
    assert heard[heard.index("main_menu") :][:4] == silences


async def test_wrong_keys_are_told_apart_from_silence(dial: Dial) -> None:
    async with dial() as caller:
        await caller.press("1")
        for _ in range(2):
            await caller.press("7")

            async def told() -> bool:
                record = await caller.record()
                return bool(record) and said(record)[-1:] == ["wrong_key"]  # type: ignore[arg-type]

            await until(told)
        record = await caller.comes_to("connecting")
    assert said(record).count("wrong_key") == 2
    assert "nothing_heard" not in said(record)


async def test_hanging_up_anywhere_ends_the_call_quietly(dial: Dial, hotline: Hotline) -> None:
    async def leaves(keys: str, node: str) -> None:
        async with dial(await hotline.customer("88.00", "2030-01-31")) as caller:
            if keys:
                await caller.press(keys)
            id = (await caller.comes_to(node))["id"]
            await caller.call.hang_up()
            record: Any = await until(lambda: ended(hotline, id), within=5)
        assert record["outcome"] == "abandoned"
        assert node in record["why"]
        assert record["path"][-1]["left"] is not None

    await asyncio.gather(
        leaves("", "welcome"),
        leaves("1", "menu"),
        leaves("11", "tell_balance"),
        leaves("161", "complaint/tell"),
        leaves("10", "connecting"),
    )


async def ended(hotline: Hotline, id: str) -> dict[str, object] | None:
    """Return the record of a call that is over."""
    record: dict[str, object] = await hotline.get(f"/api/calls/{id}")
    return record if record["ended"] else None


async def test_hanging_up_while_the_back_end_is_asked_ends_at_once(
    dial: Dial, faults: Hotline
) -> None:
    await faults.faults(delay="10s")
    async with dial(KNOWN) as caller:
        await caller.press("11")
        record = await caller.comes_to("own_balance")
        await caller.call.hang_up()
        over = await until(lambda: ended(faults, record["id"]), within=2)
    assert over["why"] == "the caller hung up in 'own_balance'"
    counted = await until(lambda: sample(faults, "ivr_lookup_seconds_count", 'outcome="left"'))
    assert counted >= 1
    assert await sample(faults, "ivr_calls_total", 'flow="hotline"', 'outcome="abandoned"') >= 1
    assert await sample(faults, "ivr_agi_command_seconds_count", "EXEC ExecIf") >= 1
    assert await sample(faults, "ivr_switch_up") == 1
    assert await sample(faults, "ivr_desk_agents", "front_desk", "logged out") >= 1


async def sample(hotline: Hotline, name: str, *labels: str) -> float:
    """Return the value of a metric of which these are labels; 0 where there is none."""
    url = f"http://127.0.0.1:{hotline.ports['http']}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        lines = (await answer.text()).splitlines()
    mine = [line for line in lines if line.startswith(name) and all(one in line for one in labels)]
    return float(mine[0].rpartition(" ")[2]) if mine else 0.0


def newest(folder: Path) -> Path | None:
    """Return the newest recording that holds something."""
    files = sorted(folder.glob("*.wav"), key=lambda f: f.stat().st_mtime)
    return files[-1] if files and files[-1].stat().st_size > 44 else None


@pytest.mark.parametrize(
    "number",
    [
        'a"b',
        "1,2",
        "${SHELL(id)}",
        "1" * 500,
        "138%0d%0a000",
        "138%07%00",
        "余额",
    ],
)
async def test_a_hostile_caller_number_is_neutral_everywhere(hotline: Hotline, number: str) -> None:
    before = {record["id"] for record in await hotline.get("/api/calls?limit=200")}
    async with Phone(number) as phone:
        call = await phone.call("10086", hotline.sip)
        await call.answered(within=10)

        async def welcomed() -> dict[str, object] | None:
            calls = await hotline.get("/api/calls?limit=200")
            return next((record for record in calls if record["id"] not in before), None)

        record = await until(welcomed)
        await call.hang_up()
    assert set(str(record["caller"])) <= set("0123456789")
    assert record["called"] == "10086"


async def test_a_number_that_is_not_ours_is_not_found(hotline: Hotline) -> None:
    async with Phone("13800138000") as phone:
        call = await phone.call("99999", hotline.sip)
        assert (await call.ended(within=10)).status == 404
