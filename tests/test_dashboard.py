"""The dashboard and the alerts name metrics that exist, and no metric is counted that nobody looks at."""

import json
import re

import pytest

from channels.metrics.counting import REGISTRY
from channels.metrics.snapshot import Snapshot
from cli.main import jalon
from cli.project import ROOT
from data.yaml_reader import read_yaml
from tests.sms_queue import NOON, queue

DASHBOARD = ROOT / "deploy" / "tableau-de-bord.json"
ALERTS = ROOT / "deploy" / "alertes.yml"
NAME = re.compile(r"\bjalon_[a-z_]+")


@pytest.fixture
def exposed(base, tmp_path) -> set[str]:
    """The names of everything that /metriques may tell, without what Prometheus adds."""
    with queue(tmp_path) as one:
        measured = list(Snapshot(base, {}, "", one.settings, NOON).collect())
    assert len(measured) > 8
    return {metric.name for metric in (*measured, *REGISTRY.collect())}


def plain(name: str) -> str:
    return re.sub(r"_(total|bucket|count|sum)$", "", name)


def queries_of_dashboard() -> list[str]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def alerts() -> list[dict]:
    return [rule for group in read_yaml(ALERTS)["groups"] for rule in group["rules"]]


def test_the_dashboard_shows_every_metric_and_nothing_else(exposed):
    shown = {plain(name) for query in queries_of_dashboard() for name in NAME.findall(query)}
    assert shown == exposed


def test_alerts_watch_metrics_that_exist_and_say_what_to_do(exposed):
    for rule in alerts():
        assert {plain(name) for name in NAME.findall(rule["expr"])} <= exposed, rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]


def test_the_commands_that_alerts_advise_exist():
    advised = {
        name
        for rule in alerts()
        for name in re.findall(r"« jalon ([a-z]+)", rule["annotations"]["description"])
    }
    assert advised and advised <= set(jalon.commands)


def test_panels_do_not_lie_on_each_other():
    taken = set()
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
