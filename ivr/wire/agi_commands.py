"""Commands to Asterisk over AGI: words, quoted as `parse_args` of res_agi.c reads them.

This is the only place where a command is made. A word that could become a second command, a
second argument of an application or a piece of dialplan is refused with `LocalError`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from ivr.wire.agi_events import LocalError

# run_agi of res_agi.c reads into 8192 bytes with fgets: the line break is one of 8191.
LONGEST_COMMAND = 8191
# parse_args keeps MAX_ARGS - 1 words, and writes past its array when the 128th is quoted.
MOST_WORDS = 127

# Surrogates have no UTF-8; the last two end a line for some readers of the AMI events in which
# Asterisk repeats every command.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NEEDS_QUOTES = re.compile(r'[ "\\]')
# What __ast_app_separate_args of app.c gives a meaning, and what applications split again.
_SPLITS_ARGUMENTS = re.compile(r"""[,|()\[\]"'\\&^]|\$\{""")
# What ends SET() or its ${…} before its time.
_NOT_SET = re.compile(r"[(){}$]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_KEYS = re.compile(r"[0-9*#A-D]*")


class Command(bytes):
    """One whole command line, fit to be sent; made by `encode` only."""


class Expression(str):
    """Dialplan text written by us, never by a caller: passed on with its `${…}`, `(` and `,`."""


def encode(*words: str) -> Command:
    """Return the command line that Asterisk takes apart into exactly these words.

    Raises LocalError, naming the word by its place, for control characters, more than 127
    words, or more than 8191 bytes.
    """
    if not words or not words[0]:
        raise LocalError("a command needs a first word")
    if len(words) > MOST_WORDS:
        raise LocalError(f"{words[0]} has {len(words)} words; Asterisk takes {MOST_WORDS}")
    length = 0
    encoded = []
    for place, word in enumerate(words, 1):
        # Nothing that is printable is forbidden; a pattern looks ten times as long.
        if not word.isprintable() and (match := _FORBIDDEN.search(word)):
            raise LocalError(
                f"word {place} of {len(words)} has the control character"
                f" U+{ord(match[0]):04X} at its place {match.start() + 1}"
            )
        encoded.append(_quote(word).encode())
        length += len(encoded[-1]) + 1
        if length > LONGEST_COMMAND:
            raise LocalError(
                f"word {place} of {len(words)} ends at byte {length};"
                f" Asterisk takes {LONGEST_COMMAND}"
            )
    return Command(b" ".join(encoded) + b"\n")


def _quote(word: str) -> str:
    if word and not _NEEDS_QUOTES.search(word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def answer() -> Command:
    """Answer the call."""
    return encode("ANSWER")


def hangup() -> Command:
    """Hang up the call."""
    return encode("HANGUP")


def get_variable(name: str) -> Command:
    """Ask for a variable: the note is its value, the result 0 when it is not set.

    A function (`CALLERID(num)`) has to be an Expression. Raises LocalError for other names.
    """
    return encode("GET", "VARIABLE", _name(name))


def get_full_variable(expression: Expression) -> Command:
    """Ask for the text that the expression (`${…}`) becomes: it is the note."""
    return encode("GET", "FULL", "VARIABLE", expression)


def set_variable(name: str, value: str) -> Command:
    """Set a variable to a text, which Asterisk takes as it is; names as in `get_variable`."""
    return encode("SET", "VARIABLE", _name(name), value)


def setting(values: Mapping[str, str]) -> Expression:
    """Return what sets variables as a command is worked out, and becomes nothing in its text.

    Names as in `get_variable`. Raises LocalError for a value that would not reach its variable.
    """
    for name, value in values.items():
        if split := _NOT_SET.search(value):
            raise LocalError(
                f"the value of {name} has {split[0]!r} at its place {split.start() + 1}"
            )
    # SET() becomes the value, of which nothing is left behind so many letters.
    pairs = (f"${{SET({_name(name)}={value}):9999}}" for name, value in values.items())
    return Expression("".join(pairs))


def execute(application: str, *arguments: str) -> Command:
    """Run a dialplan application; the result is its own, -2 when there is no such application.

    Raises LocalError for an argument that would not reach the application as one argument,
    unless it is an Expression.
    """
    for place, argument in enumerate(arguments, 1):
        if isinstance(argument, Expression):
            continue
        if split := _SPLITS_ARGUMENTS.search(argument):
            raise LocalError(
                f"argument {place} of {application} has {split[0]!r} at its place"
                f" {split.start() + 1}; an application would not take it as one argument"
            )
    return encode("EXEC", _name(application), *([",".join(arguments)] if arguments else []))


def gosub(context: str, argument: str) -> Command:
    """Run the subroutine at `s` of a context, to its Return(); the result is 0 when it was run."""
    return encode("GOSUB", context, "s", "1", _name(argument))


def stream_file(name: str, *, keys: str = "", offset: int = 0) -> Command:
    """Play a sound (named without extension) from `offset` samples on, until one of `keys`.

    The result is 0 at its end or the key's ASCII code, and endpos says how far it came.
    """
    if offset < 0:
        raise LocalError(f"the offset is {offset} samples; a sound starts at 0")
    return encode("STREAM", "FILE", name, _keys(keys), str(offset))


def record_file(
    name: str,
    sound_format: str,
    *,
    keys: str,
    longest: timedelta,
    silence: timedelta | None = None,
    beep: bool = True,
) -> Command:
    """Record until one of `keys`, for `longest` at most, or until so much `silence`.

    Silence is counted in whole seconds. The note says why it ended: dtmf, timeout, hangup …
    Raises LocalError when `longest` or `silence` is nothing.
    """
    milliseconds = longest // timedelta(milliseconds=1)
    if milliseconds <= 0 or (silence is not None and silence < timedelta(seconds=1)):
        raise LocalError(f"cannot record for {longest} with a silence of {silence}")
    # handle_recordfile of res_agi.c looks for a small s in the words after the time limit, so
    # BEEP stands before it and in capitals.
    words = ["BEEP"] if beep else []
    if silence is not None:
        words.append(f"s={silence // timedelta(seconds=1)}")
    return encode("RECORD", "FILE", name, sound_format, _keys(keys), str(milliseconds), *words)


@lru_cache(4096, typed=True)  # an Expression is equal to the text that it is
def _name(name: str) -> str:
    if isinstance(name, Expression) or _NAME.fullmatch(name):
        return name
    raise LocalError(f"a name has letters, digits and '_'; this one has {len(name)} characters")


def _keys(keys: str) -> str:
    if _KEYS.fullmatch(keys):
        return keys
    raise LocalError("keys are 0-9, *, # and A-D")
