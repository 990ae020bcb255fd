"""What customers of the demo carrier do by themselves, over a real socket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ivr.demo.self_service import ID_CARD
from ivr.lang import parse
from tests.demo.asking import Client, get

HER = "/customers/13800138000"
CARD, USED = "2026112500000012", "2026112500000095"


async def post(client: Client, path: str, key: str = "", **body: str) -> tuple[int, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    async with client.post(path, json=body, headers=headers) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("number", [f"138001380{n:02}" for n in range(12)])
async def test_the_usage_of_every_customer_can_be_spoken(client: Client, number: str) -> None:
    _, usage = await get(client, f"/customers/{number}/usage")
    kinds = {"plan": "plan", "left": "data", "minutes": "duration", "period": "period"}
    assert usage.keys() == kinds.keys()
    for name, kind in kinds.items():
        parse(kind, usage[name])


async def test_a_card_is_good_once_and_what_it_holds_is_in_the_balance(client: Client) -> None:
    done = {"outcome": "done", "amount": "50.00", "balance": "173.45"}
    assert await post(client, f"{HER}/recharges", card=CARD) == (200, done)
    again = {"outcome": "used", "amount": "50.00", "balance": "173.45"}
    assert await post(client, f"{HER}/recharges", card=CARD) == (200, again)
    assert (await get(client, HER))[1]["balance"] == "173.45"


async def test_one_request_that_arrives_twice_recharges_once(client: Client) -> None:
    asked = (post(client, f"{HER}/recharges", key="a", card=CARD) for _ in range(5))
    answers = await asyncio.gather(*asked)
    done = {"outcome": "done", "amount": "50.00", "balance": "173.45"}
    assert answers == [(200, done)] * 5


@pytest.mark.parametrize(("card", "outcome"), [(USED, "used"), ("4111111111111111", "unknown")])
async def test_a_card_that_is_not_good_changes_nothing(
    client: Client, card: str, outcome: str
) -> None:
    _, told = await post(client, f"{HER}/recharges", card=card)
    assert (told["outcome"], told["balance"]) == (outcome, "123.45")


@pytest.mark.parametrize("service", ["roaming", "international"])
async def test_a_service_is_switched_on_and_off_and_the_other_is_left(
    client: Client, service: str
) -> None:
    path = f"{HER}/services/{service}"
    for state in ("off", "on", "off"):
        assert (await post(client, path, state=state))[0] == 200
        states = [
            (await get(client, f"{HER}/services/{each}"))[1]["state"]
            for each in ("roaming", "international")
        ]
        assert sorted(states) == sorted([state, "off"])
        assert (await get(client, path))[1] == {"state": state}


@pytest.mark.parametrize("proof", [{"pin": "138000"}, {"id_card": ID_CARD}])
async def test_a_right_proof_is_right(client: Client, proof: dict[str, str]) -> None:
    assert await post(client, f"{HER}/proofs", **proof) == (200, {"proof": "right"})


async def test_who_guesses_is_locked_out_even_with_the_right_password(client: Client) -> None:
    guesses = [(await post(client, f"{HER}/proofs", pin="000000"))[1]["proof"] for _ in range(4)]
    assert guesses == ["wrong", "wrong", "wrong", "locked"]
    assert (await post(client, f"{HER}/proofs", pin="138000"))[1] == {"proof": "locked"}
    other = "/customers/13800138001"
    assert (await post(client, f"{other}/proofs", pin="138001"))[1] == {"proof": "right"}


async def test_a_line_is_suspended_and_stays_so(client: Client) -> None:
    assert await get(client, f"{HER}/suspension") == (200, {"state": "in service"})
    for _ in range(2):
        assert await post(client, f"{HER}/suspension") == (200, {"state": "suspended"})
    assert await get(client, f"{HER}/suspension") == (200, {"state": "suspended"})


async def test_each_complaint_has_a_ticket_of_its_own(client: Client) -> None:
    filed = {"number": "13800138000", "topic": "bill", "recording": "a.wav"}
    tickets = [(await post(client, "/complaints", **filed))[1]["ticket"] for _ in range(3)]
    assert tickets == ["20260001", "20260002", "20260003"]


@pytest.mark.parametrize("path", ["usage", "recharges", "services/roaming", "proofs", "suspension"])
async def test_nobody_else_is_a_customer(client: Client, path: str) -> None:
    method = client.get if path == "usage" else client.post
    async with method(f"/customers/13900000000/{path}", json={}) as response:
        assert response.status == 404
        assert "13900000000" in (await response.json())["error"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{HER}/recharges", {"card": "12 34"}),
        (f"{HER}/services/roaming", {"state": "maybe"}),
        (f"{HER}/proofs", {"password": "1"}),
        ("/complaints", {"number": "x", "topic": "bill", "recording": "a.wav"}),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_its_name(
    client: Client, path: str, body: dict[str, str]
) -> None:
    status, told = await post(client, path, **body)
    assert status == 422
    assert next(iter(body)) in told["error"]


async def test_a_fault_hits_them_all_and_changes_nothing(client: Client) -> None:
    async with client.put("/faults", data=json.dumps({"status": 500})):
        pass
    assert (await post(client, f"{HER}/recharges", card=CARD))[0] == 500
    assert (await post(client, "/complaints", number="", topic="x", recording="y"))[0] == 500
    async with client.put("/faults", data=b"{}"):
        pass
    assert (await post(client, f"{HER}/recharges", card=CARD))[1]["outcome"] == "done"
