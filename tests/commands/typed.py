"""Commands as they are typed, and what they say."""

from collections.abc import Callable

from typer.testing import CliRunner, Result

from ivr.cli import app

Ivr = Callable[..., Result]


def typed(*words: str) -> tuple[int, str]:
    """Return how `ivr` with these words ended, and all that it said."""
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.output


def said(result: Result, code: int = 0) -> str:
    """Return what a command that ended so said: its output, or its complaint."""
    assert result.exit_code == code, result.output
    return result.output
