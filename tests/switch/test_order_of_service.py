"""Who waits on the phone and who is called back are served in the order in which they came."""

from pathlib import Path

import pytest

from tests.switch.order_on_a_switch import inversions, served

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(120)]


async def test_who_is_called_back_is_served_in_her_place_among_who_wait(tmp_path: Path) -> None:
    order = await served(tmp_path, live=6, booked=6)
    assert [each.moment for each in order] == list(range(10, 22))
    assert sum(each.booked for each in order) == 6
    assert inversions(order) == []
