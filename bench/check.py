"""How long `ivr check` takes for a flow of many nodes: a table.

    python -m bench.check

The flow is generated: menus in three languages whose keys lead on, look-ups, branches, what they
tell, and a queue; one node in ten is a mistake in the second table.
"""

from __future__ import annotations

import time

from rich.console import Console
from rich.table import Table

from ivr.flow import check, project
from ivr.flow.project import Project, Sources

PROMPTS = """
more:
  cmn: 话费，请按一。下一项，请按二。
  yue: 話費，請撳一。下一項，請撳二。
  en: Balance, press one. Next, press two.
owed: {cmn: '余额{amount:money}。', yue: '餘額{amount:money}。', en: 'Balance {amount:money}.'}
wrong_key: {cmn: 不对。, yue: 唔啱。, en: Wrong.}
nothing_heard: {cmn: 没有。, yue: 冇。, en: Nothing.}
one_moment: {cmn: 请稍候。, yue: 等等。, en: One moment.}
"""
SERVICES = """
billing:
  url: http://127.0.0.1:1
  lookups:
    balance: {get: '/customers/{number}', gives: {balance: money}}
"""
NODES = """
  menu{n}: {{menu: more, keys: {{1: known{n}, 2: menu{next}}}, otherwise: agent}}
  known{n}: {{branch: $caller.number, cases: {{"": agent}}, otherwise: find{n}}}
  find{n}:
    lookup: billing.balance
    using: {{number: $caller.number}}
    into: account{n}
    found: tell{n}
    missing: agent
    failed: agent
  tell{n}: {{say: {{owed: {{amount: $account{n}.balance}}}}, go: menu{next}}}
"""


def flow(nodes: int, mistakes: bool = False) -> str:
    """Return a flow of so many nodes."""
    count = nodes // 4
    text = "flow: f\nlanguages: [cmn, yue, en]\nstart: menu0\nanywhere: {0: agent}\nnodes:\n"
    text += "  agent: {queue: desk, answered: bye, unanswered: bye}\n  bye: hangup\n"
    for n in range(count):
        some = NODES.format(n=n, next=(n + 1) % count)
        if mistakes and n % 10 == 0:
            some = some.replace(f"otherwise: find{n}", f"otherwise: fnid{n}")
        text += some
    return text


def read(text: str) -> Project:
    """Read the generated flow with its prompts and look-ups."""
    files = {"flows/f.yaml": text, "flows/services.yaml": SERVICES}
    loaded, _ = project.read(Sources(files, {"prompts/p.yaml": PROMPTS}, {"desk"}))
    return loaded


def main() -> None:
    """Measure and print."""
    table = Table("nodes", "reading, ms", "rules, ms", "mistakes")
    for nodes, mistakes in ((1000, False), (1000, True), (5000, False), (5000, True)):
        text = flow(nodes, mistakes)
        best = [float("inf")] * 2
        found = 0
        for _ in range(3):
            began = time.perf_counter()
            loaded = read(text)
            middle = time.perf_counter()
            found = len(check.check(loaded))
            best[0] = min(best[0], middle - began)
            best[1] = min(best[1], time.perf_counter() - middle)
        table.add_row(str(nodes), *(f"{seconds * 1000:.0f}" for seconds in best), str(found))
    Console().print(table)


if __name__ == "__main__":
    main()
