"""What callers do by themselves, on the phone: digits that are worth money stay unwritten."""

import aiohttp

from tests.calls.conftest import Dial
from tests.calls.hotline import Hotline, said

CARD = "2026112500000012"  # 50 yuan at the demo back end, once


async def test_a_card_is_typed_and_its_amount_is_heard_and_its_digits_are_nowhere(
    hotline: Hotline, dial: Dial
) -> None:
    async with dial(await hotline.customer("123.45", "2026-12-31")) as caller:
        await caller.press("121")
        await caller.comes_to("recharge/card")
        await caller.call.press(CARD, gap=0.05)
        await caller.comes_to("recharge/recharged")
        record = await caller.comes_to("menu")
    told = next(heard for heard in record["heard"] if heard["prompt"] == "recharged")
    assert told["text"] == "充值成功，充入五十元，现在的余额是一百七十三元四角五分。"
    assert [press["key"] for press in record["keys"]] == [*"121", *"•" * len(CARD)]
    assert CARD not in str(record)


async def test_a_lost_phone_is_suspended_from_another_one(hotline: Hotline, dial: Dial) -> None:
    lost = await hotline.customer("1.00", "2026-12-31")
    async with dial() as caller:
        await caller.press("35")
        await caller.comes_to("loss/which")
        await caller.call.press(lost, gap=0.05)
        await caller.comes_to("identify/how")
        await caller.press("1")
        await caller.comes_to("identify/password")
        await caller.call.press(lost[-6:], gap=0.05)
        await caller.comes_to("loss/sure")
        await caller.press("1")
        record = await caller.comes_to("menu", within=40)
    assert "suspended" in said(record)
    url = f"http://127.0.0.1:{hotline.ports['backend']}/customers/{lost}/suspension"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert await answer.json() == {"state": "suspended"}
