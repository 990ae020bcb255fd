"""Addresses of back ends: what may stand in one, and in the place of an argument in it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ivr.flow.source import Wrong

LONGEST_ARGUMENT = 500
NAME = r"[^\W\d]\w{0,63}"
BRACES = re.compile(rf"\{{({NAME})\}}")
# RFC 3986 `pchar`, `/`, and one query; `#` would end what is sent.
_PATH = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?%])*")
_HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}|[0-9a-f.]*:[0-9a-f:.]*")
# Encoding cannot hide a dot segment: `..` has no encoded form (RFC 3986 §2.3), and proxies that
# decode %2F before they resolve dots turn `..%2Fx` into another path. Such values are not sent.
_DOTS = re.compile(r"(?:^|[/\\])\.\.?(?:[/\\]|$)")


def checked_path(path: str) -> str:
    """Return a path that may have arguments in braces. Raises Wrong."""
    fixed = BRACES.sub("x", path)
    if not path.startswith("/"):
        raise Wrong(f"a path begins with /; did you mean '/{path}'?")
    if "{" in fixed or "}" in fixed:
        raise Wrong("braces hold the name of an argument, such as {number}")
    if not _PATH.fullmatch(fixed):
        raise Wrong("a path holds letters, digits and -._~!$&'()*+,;=:@/?%; encode others as %…")
    if _DOTS.search(fixed):
        raise Wrong("a path cannot hold . or .. between slashes")
    return path


def checked_plain_path(path: str) -> str:
    """Return a path without arguments. Raises Wrong."""
    if BRACES.search(path):
        raise Wrong("messages go to one place: a path without braces")
    return checked_path(path)


def checked_url(url: str) -> str:
    """Return the address of a service, without a slash at its end. Raises Wrong."""
    example = "an address such as http://127.0.0.1:8081 is expected here"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Wrong(example) from None
    # urlsplit drops line breaks and tabs without a word.
    if not url.isprintable() or parts.scheme not in ("http", "https"):
        raise Wrong(example)
    if not _HOST.fullmatch(parts.hostname or ""):
        raise Wrong(example)
    if parts.username is not None or parts.password is not None:
        raise Wrong("an address here holds no user and no password")
    if port == 0 or parts.query or parts.fragment or not _PATH.fullmatch(parts.path or "/"):
        raise Wrong(f"{example}, with a path at most")
    return url.rstrip("/")


def check_argument(name: str, value: str | None) -> None:
    """Raise Wrong, which never quotes the value, for one that is not given, empty or too long."""
    if value is None:
        raise Wrong(f"the argument '{name}' is not given")
    if not 0 < len(value) <= LONGEST_ARGUMENT:
        raise Wrong(f"the argument '{name}' has {len(value)} characters, not 1 to 500")


def check_place(name: str, value: str) -> None:
    """Raise Wrong, which never quotes the value, for one that no encoding keeps in its place."""
    if _DOTS.search(value) or any("\ud800" <= char <= "\udfff" for char in value):
        raise Wrong(f"the argument '{name}' cannot stand in a path")
