"""Controllers die under calls, a few times; hundreds of times is `make endure`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.endure.__main__ import endure


@pytest.mark.timeout(150)
async def test_no_call_notices_that_its_controller_dies(tmp_path: Path) -> None:
    seen = await endure(tmp_path, strikes=4, callers=6, seed=4, every=1.5)
    assert not seen.wrong, "\n".join(seen.wrong)
    assert set(seen.calls) == {"reads", "types", "waits", "records", "talks"}
