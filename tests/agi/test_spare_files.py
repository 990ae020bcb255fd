"""Files that are kept free for calls in progress."""

import logging
import resource
from collections.abc import Iterator

import pytest

from ivr.agi.spare_files import KEPT, SpareFiles

MOST = 1000


@pytest.fixture(autouse=True)
def most() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_call_that_would_take_one_that_others_need_is_not_led_and_that_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    files = SpareFiles()
    with caplog.at_level(logging.WARNING):
        given = [files.allow(number) for number in (7, MOST - KEPT - 1, MOST - KEPT, MOST - 1, 7)]
    assert given == [True, True, False, False, True]
    assert [record.getMessage() for record in caplog.records] == [
        f"calls are not led: only {KEPT} of {MOST} files are free",
        "calls are led again: there are files for them",
    ]
