"""`ivr accounts`: who logs in over HTTP beside agents and the operator."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from ivr import config, screen
from ivr.commands.opening import opened
from ivr.commands.options import StateDir, user
from ivr.config import Settings
from ivr.errors import IvrError, nearest
from ivr.store.accounts import LONGEST_NAME, Account, Accounts
from ivr.store.audit import Audit, Entry
from ivr.web.credentials import is_generated
from ivr.web.passwords import hashed
from ivr.web.paths import ACCOUNTS, Role

app = typer.Typer(help="Who logs in over HTTP beside agents and the operator.")

Name = Annotated[str, typer.Argument(help="Such as mei.")]


@app.callback(invoke_without_command=True)
def accounts(context: typer.Context, state_dir: StateDir = None) -> None:
    """List the accounts; `ivr accounts add` makes one."""
    if context.invoked_subcommand:
        context.obj = state_dir
        return
    with screen.told():
        found = asyncio.run(_all(config.settings(state_dir=state_dir)))
    if not found:
        screen.line("there is no account; agents and the operator log in without one")
        return
    table = Table("name", "role", "password of")
    for account in found:
        table.add_row(account.name, account.role, f"{account.changed.astimezone():%Y-%m-%d %H:%M}")
    screen.table(table)


@app.command()
def add(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Option(help=", ".join(ACCOUNTS))],
    state_dir: StateDir = None,
) -> None:
    """Make an account; its password is asked for, or read from the standard input."""
    with screen.told():
        settings = config.settings(state_dir=state_dir or context.obj)
        if role not in list(ACCOUNTS):
            known = ", ".join(ACCOUNTS)
            raise IvrError(f"--role is one of {known}, not '{role[:20]}'{nearest(role, ACCOUNTS)}")
        _check(name)
        asyncio.run(_add(settings, name, Role(role), _password()))
    screen.line(f"{name} may log in, as {role}")


@app.command()
def password(context: typer.Context, name: Name, state_dir: StateDir = None) -> None:
    """Give an account another password: whoever is logged in by the old one no longer is."""
    with screen.told():
        settings = config.settings(state_dir=state_dir or context.obj)
        asyncio.run(_change(settings, name, _password()))
    screen.line(f"{name} has another password")


@app.command()
def remove(context: typer.Context, name: Name, state_dir: StateDir = None) -> None:
    """Remove an account: whoever is logged in by it no longer is."""
    with screen.told():
        settings = config.settings(state_dir=state_dir or context.obj)
        asyncio.run(_remove(settings, name))
    screen.line(f"{name} may not log in any more")


def _check(name: str) -> None:
    if is_generated(name):
        raise IvrError(f"'{name[:20]}' is an agent's or the operator's, who log in without one")
    if not re.fullmatch(rf"[a-z][a-z0-9._-]{{0,{LONGEST_NAME - 1}}}", name):
        raise IvrError("a name is small letters, digits, '.', '-', '_', and begins with a letter")


def _password() -> str:
    """Return a new password: never from the command's words, which everybody here can read."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


async def _all(settings: Settings) -> list[Account]:
    async with await opened(settings) as database:
        return await Accounts(database).all()


async def _add(settings: Settings, name: str, role: Role, password: str) -> None:
    async with await opened(settings) as database:
        if await Accounts(database).find(name):
            raise IvrError(f"there is an account '{name}'; `ivr accounts password` changes its")
        account = Account(name, role, _hashed(password), datetime.now(UTC))
        await Audit(database).write(_entry("add account", name, role))
        await Accounts(database).put(account)


async def _change(settings: Settings, name: str, password: str) -> None:
    async with await opened(settings) as database:
        account = await _one(kept := Accounts(database), name)
        fresh = Account(name, account.role, _hashed(password), datetime.now(UTC))
        await Audit(database).write(_entry("change password", name))
        await kept.put(fresh)


async def _remove(settings: Settings, name: str) -> None:
    async with await opened(settings) as database:
        await _one(kept := Accounts(database), name)
        await Audit(database).write(_entry("remove account", name))
        await kept.remove(name)


async def _one(kept: Accounts, name: str) -> Account:
    found = await kept.find(name)
    if found is None:
        known = [account.name for account in await kept.all()]
        raise IvrError(f"there is no account '{name[:20]}'{nearest(name, known)}")
    return found


def _hashed(password: str) -> str:
    try:
        return hashed(password)
    except ValueError as fault:
        raise IvrError(str(fault)) from None


def _entry(what: str, name: str, why: str = "") -> Entry:
    return Entry(datetime.now(UTC), user(), what, name, "done", why=why)
