from collections.abc import Iterator

import pytest

from tests.hearing.listener import Listener, listening
from tests.hearing.place import lacking


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(("tests/calls/", "tests/phone/")):
            item.add_marker(pytest.mark.realtime)


@pytest.fixture(autouse=True)
def as_at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands print for people, where the tests themselves run in a workflow too."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """The recogniser that writes down what callers hear; without it the test is skipped."""
    if why := lacking():
        pytest.skip(why)
    with listening() as running:
        yield running
