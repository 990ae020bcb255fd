"""The demo back end over a real socket, with a real database file."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from ivr.demo.backend import application, serve
from ivr.demo.messages import KEPT
from tests.demo.asking import Client, get

KNOWN = "/customers/13800138000"
NEW = {
    "balance": "7.00",
    "expires": "2027-05-05",
    "name": "Ann",
    "language": "en",
    "plan": "Visitor",
}


async def put(client: Client, path: str, body: Any) -> tuple[int, Any]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with client.put(path, data=sent) as response:
        return response.status, await response.json()


async def test_a_seeded_customer_is_told_with_her_balance_as_a_text(client: Client) -> None:
    assert await get(client, KNOWN) == (
        200,
        {
            "number": "13800138000",
            "balance": "123.45",
            "expires": "2026-12-31",
            "name": "王小明",
            "language": "cmn",
            "plan": "畅享 30 GB",
        },
    )


async def test_a_dozen_customers_are_seeded_in_three_languages(client: Client) -> None:
    seeded = [(await get(client, f"/customers/138001380{n:02}"))[1] for n in range(12)]
    assert {customer["language"] for customer in seeded} == {"cmn", "yue", "en"}
    balances = {customer["balance"] for customer in seeded}
    assert {"-36.50", "0.00", "1010.05", "99999999.99", "-0.05"} <= balances


async def test_an_unknown_number_is_404_and_says_so(client: Client) -> None:
    status, body = await get(client, "/customers/13900000000")
    assert (status, body) == (404, {"error": "there is no customer 13900000000"})


@pytest.mark.parametrize(
    "number",
    ["12", "1" * 21, "abc", "١٢٣", "123%20", "%2e%2e%2ffaults", "1;", "1%2f2", "{x}", "1%0a2", ""],
)
async def test_what_is_no_number_is_400(client: Client, number: str) -> None:
    url = URL(str(client.make_url("/")) + f"customers/{number}", encoded=number.isascii())
    for method in ("GET", "PUT"):
        async with client.session.request(method, url, data=json.dumps(NEW)) as response:
            assert response.status == 400
            assert await response.json() == {"error": "number: 3 to 20 digits are expected"}


async def test_a_new_customer_is_created_and_then_changed_in_part(client: Client) -> None:
    path = "/customers/13911112222"
    assert await put(client, path, NEW) == (201, {"number": "13911112222", **NEW})
    status, body = await put(client, path, {"balance": "-12.5", "number": "13911112222"})
    assert (status, body["balance"], body["name"]) == (200, "-12.50", "Ann")
    assert await get(client, path) == (200, body)
    assert await put(client, path, {}) == (200, body)


async def test_what_was_read_can_be_sent_back(client: Client) -> None:
    _, customer = await get(client, KNOWN)
    assert await put(client, KNOWN, customer) == (200, customer)


async def test_a_new_customer_with_fields_left_out_is_refused_and_not_written(
    client: Client,
) -> None:
    path = "/customers/13911112222"
    status, body = await put(client, path, {"balance": "1", "plan": "x"})
    assert status == 422
    assert body["error"].startswith("expires, name, language: needed")
    assert (await get(client, path))[0] == 404


async def test_money_as_a_json_number_is_kept_to_the_cent(client: Client) -> None:
    for sent, kept in [(b"9007199254.93", "9007199254.93"), (b"-0.07", "-0.07"), (b"3", "3.00")]:
        assert (await put(client, KNOWN, b'{"balance": %s}' % sent))[1]["balance"] == kept


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, "JSON"),
        (b'{"balance": "1"', 400, "JSON"),
        (b'{"balance": NaN}', 400, "JSON"),
        (b'{"balance": 1e99999999999999999999}', 400, "JSON"),
        (b"\xff", 400, "JSON"),
        (b"[" * 60_000, 400, "JSON"),
        (b"[]", 400, "object"),
        (b'{"name": "' + b"x" * 70_000 + b'"}', 413, ""),
        ({"balance": "1.005"}, 422, "balance"),
        ({"balance": "10000000000"}, 422, "balance"),
        (b'{"balance": 1e999999999}', 422, "balance"),
        ({"balance": "NaN"}, 422, "balance"),
        ({"balance": "much"}, 422, "balance"),
        ({"balance": True}, 422, "balance"),
        ({"balance": None}, 422, "balance"),
        ({"balance": [1]}, 422, "balance"),
        ({"expires": "2026-02-30"}, 422, "expires"),
        ({"expires": 20261231}, 422, "expires"),
        ({"expires": "20261231"}, 422, "expires"),
        ({"name": ""}, 422, "name"),
        ({"name": "x" * 101}, 422, "name"),
        ({"name": "a\nb"}, 422, "name"),
        ({"name": "\ud800"}, 422, "name"),
        ({"name": 5}, 422, "name"),
        ({"language": "zh"}, 422, "language"),
        ({"plan": None}, 422, "plan"),
        ({"number": "13800138001"}, 422, "number"),
        ({"number": 13800138000}, 422, "number"),
        ({"colour": "red"}, 422, "colour"),
        ({"balance": "9.99", "language": "zh", "expires": "soon"}, 422, "language"),
    ],
)
async def test_a_wrong_body_is_refused_by_name_and_nothing_is_written(
    client: Client, body: Any, status: int, field: str
) -> None:
    before = await get(client, KNOWN)
    answered, refused = await put(client, KNOWN, body)
    assert answered == status
    assert field in refused["error"]
    assert await get(client, KNOWN) == before


async def test_every_wrong_field_is_named_at_once(client: Client) -> None:
    wrong = {"balance": "x", "expires": "y", "language": "z"}
    _, body = await put(client, KNOWN, wrong)
    assert all(f"{field}: " in body["error"] for field in wrong)


async def test_unknown_paths_and_methods_are_answered_in_json(client: Client) -> None:
    assert (await get(client, "/nowhere"))[0] == 404
    async with client.delete(KNOWN) as response:
        assert response.status == 405
        assert "error" in await response.json()


async def test_two_who_create_the_same_customer_at_once_both_succeed(client: Client) -> None:
    answers = await asyncio.gather(
        *(put(client, "/customers/13911112222", {**NEW, "balance": f"{n}.00"}) for n in range(20))
    )
    assert {status for status, _ in answers} <= {200, 201}
    assert (await get(client, "/customers/13911112222"))[1]["balance"].endswith(".00")


async def test_faults_are_shown_and_mended(client: Client) -> None:
    assert await get(client, "/faults") == (200, {})
    faults = {"delay": "0.05s", "status": 503, "garble": True}
    assert await put(client, "/faults", faults) == (200, faults)
    assert await get(client, "/faults") == (200, faults)
    assert (await get(client, KNOWN))[0] == 503
    assert (await get(client, "/healthz"))[0] == 200
    assert await put(client, "/faults", {}) == (200, {})
    assert (await get(client, KNOWN))[0] == 200


async def test_a_garbled_answer_is_200_and_no_json(client: Client) -> None:
    await put(client, "/faults", {"garble": True})
    async with client.get(KNOWN) as response:
        assert response.status == 200
        with pytest.raises(ValueError, match="Unterminated"):
            json.loads(await response.text())


async def test_a_delay_keeps_the_answer_back_for_as_long(client: Client) -> None:
    await put(client, "/faults", {"delay": "200ms"})
    began = asyncio.get_running_loop().time()
    assert (await get(client, KNOWN))[0] == 200
    assert asyncio.get_running_loop().time() - began >= 0.19


async def test_a_fault_on_a_put_writes_nothing(client: Client) -> None:
    await put(client, "/faults", {"status": 500})
    assert (await put(client, KNOWN, {"balance": "1.00"}))[0] == 500
    await put(client, "/faults", {})
    assert (await get(client, KNOWN))[1]["balance"] == "123.45"


@pytest.mark.parametrize(
    "faults",
    [
        {"delay": 3},
        {"delay": "3"},
        {"delay": "61s"},
        {"delay": "-1s"},
        {"delay": None},
        {"status": 200},
        {"status": 600},
        {"status": "500"},
        {"status": True},
        {"garble": "yes"},
        {"garble": 1},
        {"slow": "3s"},
        [],
    ],
)
async def test_wrong_faults_are_refused_and_change_nothing(client: Client, faults: Any) -> None:
    await put(client, "/faults", {"status": 500})
    status, body = await put(client, "/faults", faults)
    assert status in (400, 422)
    assert all(str(field) in body["error"] for field in faults)
    assert await get(client, "/faults") == (200, {"status": 500})


async def test_health_tells_the_process(client: Client) -> None:
    assert await get(client, "/healthz") == (200, {"ok": True, "pid": os.getpid()})


async def test_changes_outlive_a_restart_and_the_seed_does_not_come_back(tmp_path: Path) -> None:
    database = tmp_path / "demo.sqlite"
    async with TestClient(TestServer(application(database))) as client:
        await put(client, KNOWN, {"balance": "0.01"})
    async with TestClient(TestServer(application(database))) as client:
        assert (await get(client, KNOWN))[1]["balance"] == "0.01"


async def test_serving_ends_when_cancelled_even_in_the_middle_of_a_slow_answer(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    serving = asyncio.create_task(serve("127.0.0.1", port, tmp_path / "demo.sqlite"))
    async with aiohttp.ClientSession() as session:
        await _until_it_answers(session, f"{address}/healthz")
        async with session.put(f"{address}/faults", json={"delay": "60s"}) as response:
            assert response.status == 200
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {KNOWN} HTTP/1.1\r\nHost: demo\r\n\r\n".encode())
        await writer.drain()
        # Whoever asks after her is answered after her question has arrived.
        await _until_it_answers(session, f"{address}/healthz")
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(serving, 5)
        assert await reader.read() == b""
        writer.close()


async def test_a_taken_port_is_an_os_error(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="address already in use"),
    ):
        await serve("127.0.0.1", taken.getsockname()[1], tmp_path / "demo.sqlite")


async def _until_it_answers(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                async with session.get(url) as response:
                    assert response.status == 200
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.02)


SMS = {"to": "13800138000", "text": "余额123.45元。", "language": "cmn"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({**SMS, "to": "+86138"}, "to"),
        ({**SMS, "text": ""}, "text"),
        ({**SMS, "language": "fr"}, "language"),
        ({**SMS, "from": "10086"}, "from"),
        ([], "object"),
    ],
)
async def test_a_message_that_is_none_is_refused(client: Client, body: object, told: str) -> None:
    async with client.post("/messages", json=body) as response:
        assert 400 <= response.status < 500
        assert told in (await response.json())["error"]
    assert await get(client, "/messages") == (200, [])


async def test_messages_are_shown_newest_first_and_the_oldest_forgotten(client: Client) -> None:
    for number in range(KEPT + 1):
        async with client.post("/messages", json={**SMS, "text": str(number)}) as response:
            assert response.status == 202
    _, shown = await get(client, "/messages")
    assert [int(message["text"]) for message in shown] == list(range(KEPT, 0, -1))


async def test_a_fault_hits_messages_too(
    client: Client,
) -> None:
    async with client.put("/faults", json={"status": 503}):
        pass
    async with client.post("/messages", json=SMS) as response:
        assert response.status == 503
    assert await get(client, "/messages") == (200, [])
