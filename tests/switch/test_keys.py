"""Keys are kept by one call at a time (docs/decisions/0045)."""

import re

from ivr.switch.plan import HOME

FILES = {each.name: each.read_text() for each in (HOME / "dialplans").glob("*.conf")}
# An application that stands in a line of its own, or in one of ExecIf() or TryExec().
KEEPS = re.compile(r"^(?!;).*\bStoreDTMF\(RX", re.MULTILINE)


def test_keys_are_kept_in_one_place() -> None:
    assert {
        name: len(KEEPS.findall(text)) for name, text in FILES.items() if KEEPS.search(text)
    } == {"keys.conf": 1}


def test_they_are_kept_between_taking_the_lock_and_giving_it_back() -> None:
    said = re.findall(
        r"^(?:exten|\s*same) =>.*?,(?:1,)?(\w+)\((.*)\)$", FILES["keys.conf"], re.MULTILINE
    )
    assert said == [
        ("Set", "LOCAL(MINE)=${LOCK(keys)}"),
        ("StoreDTMF", "RX,${ARG1}"),
        ("Set", "LOCAL(MINE)=${UNLOCK(keys)}"),
        ("Return", ""),
    ]
