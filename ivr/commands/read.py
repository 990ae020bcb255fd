"""`ivr read`: a value as it is spoken."""

from __future__ import annotations

from typing import Annotated

import typer

from ivr import lang, screen


def read(
    kind: Annotated[str, typer.Argument(help=", ".join(lang.KINDS))],
    value: str,
    argument: Annotated[
        str, typer.Argument(help="What the kind needs beside: HKD for money, 条 for count.")
    ] = "",
    language: Annotated[str, typer.Option(help="cmn, yue or en.")] = "cmn",
) -> None:
    """Print the words a value is spoken in."""
    try:
        screen.out.print(lang.read(kind, value, language, argument), markup=False)
    except ValueError as fault:
        screen.err.print(f"ivr: {fault}", markup=False)
        raise typer.Exit(1) from None
