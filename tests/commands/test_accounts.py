"""`ivr accounts`: made, listed, changed and removed; a password is never a word of a command."""

import asyncio
import inspect
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.commands import accounts
from ivr.store.accounts import Accounts
from ivr.store.audit import Audit, Entry
from ivr.store.database import Database
from tests.stage import ROOT


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IVR_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("IVR_ROOT", str(ROOT))
    return tmp_path


def ivr(*words: str, given: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["accounts", *words], input=given)
    return done.exit_code, done.output


def written(state: Path) -> list[Entry]:
    async def read() -> list[Entry]:
        async with await Database.open(f"sqlite+aiosqlite:///{state / 'calls.db'}") as database:
            from datetime import UTC, datetime

            acts = await Audit(database).acts(
                datetime(2020, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
            )
            return [act.entry for act in acts]

    return asyncio.run(read())


def test_an_account_is_made_listed_changed_and_removed(house: Path) -> None:
    assert ivr() == (0, "there is no account; agents and the operator log in without one\n")
    made = ivr("add", "mei", "--role", "supervisor", given="correct horse battery\n")
    assert made == (0, "mei may log in, as supervisor\n")
    assert "supervisor" in ivr()[1] and "horse" not in ivr()[1]
    first = asyncio.run(hash_of(house, "mei"))
    assert ivr("password", "mei", given="another password\n")[0] == 0
    assert asyncio.run(hash_of(house, "mei")) not in (first, None)
    assert ivr("remove", "mei")[0] == 0
    assert asyncio.run(hash_of(house, "mei")) is None
    told = [(entry.what, entry.whom, entry.why) for entry in written(house)]
    assert told == [
        ("remove account", "mei", ""),
        ("change password", "mei", ""),
        ("add account", "mei", "supervisor"),
    ]


async def hash_of(state: Path, name: str) -> str | None:
    async with await Database.open(f"sqlite+aiosqlite:///{state / 'calls.db'}") as database:
        found = await Accounts(database).find(name)
        return found.hash if found else None


@pytest.mark.parametrize(
    ("words", "given", "why"),
    [
        (["add", "mei", "--role", "operator"], "", "author, supervisor, not 'operator'"),
        (["add", "mei", "--role", "superviser"], "", "did you mean 'supervisor'"),
        (["add", "1001", "--role", "author"], "", "log in without one"),
        (["add", "Mei Lin", "--role", "author"], "", "small letters"),
        (["add", "mei", "--role", "author"], "short\n", "12 to 200 characters"),
        (["password", "mai"], "correct horse battery\n", "there is no account 'mai'"),
        (["remove", "mai"], "", "there is no account 'mai'"),
    ],
)
def test_what_cannot_be_done_is_told(words: list[str], given: str, why: str) -> None:
    status, said = ivr(*words, given=given)
    assert status == 1 and why in said.replace("\n", " ")


def test_one_that_is_there_is_not_made_again() -> None:
    assert ivr("add", "mei", "--role", "author", given="correct horse battery\n")[0] == 0
    status, said = ivr("add", "mei", "--role", "supervisor", given="correct horse battery\n")
    assert status == 1 and "ivr accounts password" in said
    assert ivr("remove", "mia")[1].rstrip().endswith("did you mean 'mei'?")


@pytest.mark.parametrize("command", [accounts.add, accounts.password])
def test_no_command_takes_a_password_as_a_word(command: object) -> None:
    assert callable(command)
    assert not {"password", "secret"} & set(inspect.signature(command).parameters)
