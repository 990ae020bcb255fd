"""What watches the hotline: alerts and the dashboard ask for metrics that there are."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client.core import Metric

from tests.stage import ROOT
from tests.telemetry.test_metrics import everything

ALERTS = ROOT / "docs" / "alerts.yaml"
DASHBOARD = ROOT / "docs" / "grafana" / "hotline.json"
METRIC = re.compile(r"\b((?:ivr|process|python)_[a-z_]+)(?:\{([^}]*)\})?")


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    return list(group["rules"])


def panels() -> list[dict[str, Any]]:
    return list(json.loads(DASHBOARD.read_text())["panels"])


def expressions() -> Iterator[str]:
    for rule in alerts():
        yield rule["expr"]
    for panel in panels():
        yield from (target["expr"] for target in panel.get("targets", ()))


def labels(metric: Metric) -> set[str]:
    return {label for sample in metric.samples for label in sample.labels}


@pytest.mark.parametrize("expression", list(expressions()))
async def test_what_is_watched_is_exported(expression: str) -> None:
    exported = {
        sample.name: labels(metric)
        for metric in (await everything()).collect()
        for sample in metric.samples
    }
    asked = METRIC.findall(expression)
    assert asked
    for name, matchers in asked:
        assert name in exported
        named = set(re.findall(r"(\w+)=?[=!~]~?\"", matchers))
        assert named <= exported[name] | {"job"}, f"{name} has no such label"
    # `histogram_quantile` wants buckets, a rate wants what only rises.
    rising = re.findall(r"(?:rate|increase)\((\w+)", expression)
    assert all(name.endswith(("_total", "_bucket", "_count", "_sum")) for name in rising)
    grouped = {
        label
        for by in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
        for label in by.split(", ")
    }
    assert grouped <= set().union(*(exported[name] for name, _ in asked))


def test_every_alert_is_found_by_what_one_sees() -> None:
    seen = (ROOT / "docs" / "faults.md").read_text().partition("## By what one sees")[2]
    table = seen.partition("\n## ")[0]
    assert [rule["alert"] for rule in alerts() if f"`{rule['alert']}`" not in table] == []


def test_every_alert_says_why_somebody_is_woken() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names))
    for rule in alerts():
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "description"}, rule["alert"]
        assert not re.search(r"[^ -~…]", str(rule["annotations"])), rule["alert"]


async def test_the_alerts_name_values_that_labels_have() -> None:
    had: dict[str, set[str]] = {"command": {"GET FULL"}, "outcome": {"failed"}, "fate": {"gave up"}}
    for metric in (await everything()).collect():
        for sample in metric.samples:
            for label, value in sample.labels.items():
                had.setdefault(label, set()).add(value)
    for expression in expressions():
        for label, _, values in re.findall(r"(\w+)(=~?)\"([^\"$]+)\"", expression):
            assert set(values.split("|")) <= had[label], f"{label} is never {values}"


def test_the_panels_of_the_dashboard_do_not_overlap() -> None:
    ids = [panel["id"] for panel in panels()]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells


async def test_every_metric_of_ours_is_on_the_dashboard_or_has_an_alert() -> None:
    watched = {name for expression in expressions() for name, _ in METRIC.findall(expression)}
    for metric in (await everything()).collect():
        if metric.name.startswith("ivr_"):
            assert watched & {sample.name for sample in metric.samples}, metric.name
