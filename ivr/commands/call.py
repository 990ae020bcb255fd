"""`ivr call`: a real call, told as it goes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ivr import screen
from ivr.commands.options import SipPort


def call(
    number: Annotated[str, typer.Argument(help="What to dial, such as 10086.")],
    caller: Annotated[str, typer.Option(help="The number it comes from.")] = "13800138000",
    keys: Annotated[
        str, typer.Option(help='Keys and seconds after the answer: "1@2.0 *@6.5".')
    ] = "",
    record: Annotated[Path | None, typer.Option(help="A WAV of what the caller hears.")] = None,
    seconds: Annotated[float, typer.Option(help="Hang up after so long.")] = 30.0,
    sip_port: SipPort = None,
) -> None:
    """Place a real SIP call and tell, second by second, what happens."""
    settings = screen.settings(sip_port=sip_port)
    with screen.told(settings):
        from ivr.phone import script

        presses = script.parse_keys(keys)
        host = settings.sip_host if settings.sip_host != "0.0.0.0" else "127.0.0.1"
        at = f"{host}:{settings.sip_port}"
        code = asyncio.run(script.place(number, at, caller, presses, record, seconds, screen.line))
    raise typer.Exit(code)
