"""A million pieces of news about callers: do the sums of the desks add up after each? A table.

    python -m bench.ledger

Each row is a way of hearing the switch: whole, twice, late, with losses, with events made up. After
every piece the equation of every desk is looked at. `tests/desk/test_ledger.py` does the same with
fewer.
"""

from __future__ import annotations

import time

from rich.console import Console
from rich.table import Table

from ivr.desk.ledger import Ledger, Sums
from tests.desk.lives import Hearing, Lives, run

NEWS, SEEDS = 50_000, 4
HEARD = {
    "whole": Hearing(),
    "twice": Hearing(twice=0.3),
    "late": Hearing(late=0.3),
    "with losses": Hearing(lost=0.2),
    "all that, and forged": Hearing(lost=0.1, twice=0.1, late=0.2, rubbish=0.1),
}


def main() -> None:
    """Tell the news, and print the table."""
    table = Table("heard", "pieces of news", "offered", "sums that did not add up", "seconds")
    for heard, hearing in HEARD.items():
        news = offered = wrong = 0
        began = time.monotonic()
        for seed in range(SEEDS):
            ledger = Ledger(Lives.DESKS)
            for _ in run(Lives(seed), hearing, ledger, NEWS):
                news += 1
                wrong += sum(not adds_up(sums) for sums in ledger.sums().values())
            offered += sum(sums.offered for sums in ledger.sums().values())
        seconds = f"{time.monotonic() - began:.1f}"
        table.add_row(heard, f"{news:,}", f"{offered:,}", str(wrong), seconds)
    Console().print(table)


def adds_up(sums: Sums) -> bool:
    """Whether offered is all the others together, and nothing is below none."""
    numbers: dict[str, int] = vars(sums)
    return min(numbers.values()) >= 0 and 2 * numbers["offered"] == sum(numbers.values())


if __name__ == "__main__":
    main()
