"""Every path there is over HTTP, and who may ask it. What is not here is answered to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivr.desk.duty import REASONS, Duty


class Role(StrEnum):
    """What somebody is here for."""

    AGENT = "agent"
    AUTHOR = "author"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"


# What `ivr accounts` makes; the others are made with the hotline.
ACCOUNTS = (Role.AUTHOR, Role.SUPERVISOR)
EVERYBODY = frozenset(Role)
READERS = EVERYBODY - {Role.AGENT}
DESKS = EVERYBODY - {Role.AUTHOR}
SUPERVISORS = frozenset({Role.SUPERVISOR, Role.OPERATOR})


@dataclass(frozen=True)
class Path:
    """One thing that may be asked. `may` is None where no login is needed.

    `act` is what the audit says of who asks it, before it is done; "" where nothing is changed,
    or the view writes it down by itself. Of the body it tells the words that are in `words`, and
    nothing that somebody chose to write. `is_here` lets whoever is on this machine ask it, too.
    """

    method: str
    path: str
    may: frozenset[Role] | None
    act: str = ""
    words: frozenset[str] = frozenset()
    is_here: bool = False


PATHS = (
    Path("GET", "/", None),
    Path("GET", "/page.css", None),
    Path("GET", "/page.js", None),
    Path("GET", "/healthz", None),
    Path("GET", "/metrics", EVERYBODY, is_here=True),
    Path("GET", "/api/openapi.json", None),
    Path("POST", "/api/session", None),
    Path("GET", "/api/session", EVERYBODY),
    Path("DELETE", "/api/session", EVERYBODY),
    Path("GET", "/api/versions", READERS),
    # Records hold numbers, and what callers pressed: agents know of the caller they talk with.
    Path("GET", "/api/calls", READERS),
    Path("GET", "/api/calls/{id}", READERS),
    Path("GET", "/api/calls/{id}/talks", SUPERVISORS),
    Path("GET", "/api/talks/{name}.wav", SUPERVISORS),
    Path("GET", "/api/agents", EVERYBODY),
    Path("GET", "/api/queues", EVERYBODY),
    Path("GET", "/api/agents/{agent}/duty", EVERYBODY),
    Path(
        "PUT",
        "/api/agents/{agent}/duty",
        DESKS,
        act="duty",
        words=frozenset({*Duty, *REASONS.values()}),
    ),
    # Agents, too: the view writes down that one tried, and refuses her.
    Path("POST", "/api/agents/{agent}/{way}", DESKS),
    Path("GET", "/api/audit", SUPERVISORS),
    Path("GET", "/api/desks", EVERYBODY),
    Path("GET", "/api/events", EVERYBODY),
    Path("GET", "/api/desks/{desk}/figures", READERS),
    Path("GET", "/api/desks/{desk}/calls", READERS),
    Path("GET", "/api/desks/wait-error", READERS),
    Path("GET", "/api/desks/wait-error/{desk}/calls", READERS),
    Path("GET", "/api/callbacks", DESKS),
    Path("GET", "/api/callbacks/figures", READERS),
    Path("POST", "/api/callbacks", DESKS, act="book"),
    Path("POST", "/api/callbacks/{id}/done", DESKS, act="called back"),
    Path("DELETE", "/api/callbacks/{id}", DESKS, act="cancel"),
)
BY_ROUTE = {(path.method, path.path): path for path in PATHS}
