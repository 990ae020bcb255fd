"""Runs one engine: each line of JSON on stdin is a request, answered by one line on stdout.

    python -P serve.py ENGINE [ARGUMENT …]

An engine is a file beside this one with `load(*arguments)`, which returns a function from request
to answer. These files run under a Python that has the engine's packages and need not have ours.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = dict[str, Any]


def main() -> int:
    """Serve until there is nothing more to read."""
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    engine = _load(sys.argv[1], sys.argv[2:])
    for line in sys.stdin:
        try:
            answer = engine(json.loads(line))
        except Exception as problem:  # whatever a library raises is one clip's failure
            answer = {"failed": f"{type(problem).__name__}: {problem}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


def _load(name: str, arguments: list[str]) -> Callable[[Answer], Answer]:
    spec = importlib.util.spec_from_file_location(
        f"engine_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    engine: Callable[[Answer], Answer] = module.load(*arguments)
    return engine


if __name__ == "__main__":
    raise SystemExit(main())
