"""Passwords that people choose."""

import asyncio

import pytest

from ivr.web import passwords
from ivr.web.passwords import Passwords, TooMany, hashed

CHOSEN = "correct horse battery"
HASH = hashed(CHOSEN)


async def test_a_password_is_known_by_its_hash_alone() -> None:
    assert HASH.startswith("$argon2id$") and CHOSEN not in HASH and hashed(CHOSEN) != HASH
    known = Passwords()
    assert await known.match(HASH, CHOSEN)
    assert not await known.match(HASH, CHOSEN + " ")
    assert not await known.match(None, CHOSEN)
    assert not await known.match("no hash", CHOSEN)


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 201])
def test_what_is_too_short_or_long_is_no_password(password: str) -> None:
    with pytest.raises(ValueError, match="12 to 200"):
        hashed(password)


async def test_a_wrong_one_and_nobodys_take_as_long_as_a_right_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work: list[str] = []
    verify = passwords._verify

    def noted(hash: str, given: str) -> bool:
        work.append(hash.rsplit("$", 2)[0])
        return verify(hash, given)

    monkeypatch.setattr(passwords, "_verify", noted)
    for hash, given in ((HASH, CHOSEN), (HASH, "no"), (None, "no")):
        await Passwords().match(hash, given)
    # As many rounds over as much memory, whichever it is.
    assert work == [HASH.rsplit("$", 2)[0]] * 3


async def test_who_asks_again_and_again_is_hashed_once_and_after_a_change_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashes: list[str] = []
    verify = passwords._verify

    def counted(hash: str, given: str) -> bool:
        hashes.append(hash)
        return verify(hash, given)

    monkeypatch.setattr(passwords, "_verify", counted)
    known = Passwords()
    for _ in range(3):
        assert await known.match(HASH, CHOSEN)
    assert len(hashes) == 1
    assert not await known.match(hashed("another password"), CHOSEN)
    assert not await known.match(HASH, "another password")
    assert len(hashes) == 3


async def test_few_wait_for_their_turn_and_calls_are_led_meanwhile() -> None:
    known = Passwords()
    asked = [asyncio.create_task(known.match(HASH, f"wrong {n}")) for n in range(20)]
    turns = 0
    while not all(each.done() for each in asked):
        await asyncio.sleep(0.001)
        turns += 1
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, TooMany) for each in answers) == 20 - passwords.MOST_WAITING
    # Hashed on the loop itself, each would let it turn once or twice.
    assert turns > 10 * passwords.MOST_WAITING
