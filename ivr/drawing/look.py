"""What each kind of node looks like; a kind that is not named here is a plain box."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """A shape in Graphviz's words, the two ends of Mermaid's, a group of the legend, a colour."""

    shape: str
    mermaid: tuple[str, str]
    group: str
    fill: str


ASKS = Look("box", ("(", ")"), "asks", "#dcebfa")
SPEAKS = Look("box", ("(", ")"), "speaks", "#e9f5e1")
DECIDES = Look("diamond", ("{", "}"), "decides", "#fdf3d0")
LOOKS_UP = Look("cylinder", ("[(", ")]"), "asks a back end", "#ece4f7")
PERSON = Look("octagon", ("{{", "}}"), "reaches a person", "#fbe0d3")
CALLS = Look("box", ("[[", "]]"), "calls a flow", "#ffffff")
ENDS = Look("oval", ("([", "])"), "ends the call", "#e4e4e4")
PLAIN = Look("box", ("[", "]"), "does something else", "#f4f4f4")

LOOKS = {
    "announcements": SPEAKS,
    "branch": DECIDES,
    "call": CALLS,
    "callback": PERSON,
    "collect": ASKS,
    "dial": PERSON,
    "hangup": ENDS,
    "hours": DECIDES,
    "language": ASKS,
    "lookup": LOOKS_UP,
    "menu": ASKS,
    "queue": PERSON,
    "record": ASKS,
    "say": SPEAKS,
    "send": SPEAKS,
}


def of(kind: str) -> Look:
    """Return how a node of a kind is drawn."""
    return LOOKS.get(kind, PLAIN)


def heat(met: int | None, most: int) -> str:
    """Return the colour of what was met so often, of at most so often: red for never."""
    if met is None:
        return ""
    if met == 0:
        return "#f8c9c4"
    share = met / max(most, 1)
    red, green = round(224 - 138 * share), round(236 - 76 * share)
    return f"#{red:02x}{green:02x}f5"


def tally(met: int | None, calls: int | None) -> str:
    """Return a count as it is shown: a share of the calls where calls were counted."""
    if met is None:
        return ""
    if calls:
        return f"{met / calls:.0%}"
    return f"{met}×"
