from collections.abc import Iterator

import pytest

from tests.hearing.listener import Listener, listening
from tests.hearing.place import lacking


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """The recogniser that writes down what callers hear; without it the test is skipped."""
    if why := lacking():
        pytest.skip(why)
    with listening() as running:
        yield running
