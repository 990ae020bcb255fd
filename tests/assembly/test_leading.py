"""The controller as a process: how many calls its files allow."""

import resource

import pytest

from ivr.assembly.leading import FILES_BESIDE, affordable


@pytest.mark.parametrize(
    ("files", "led"),
    [
        (resource.RLIM_INFINITY, 1000),
        (1_048_576, 1000),
        (FILES_BESIDE + 2000, 1000),
        (1024, 384),
        (FILES_BESIDE, 1),
        (20, 1),
    ],
)
def test_no_more_calls_are_led_than_there_are_files_for(files: int, led: int) -> None:
    assert affordable(1000, files) == led
