import pytest

from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.automation_shapes import ACTIONS, TRIGGERS, list_references
from meta_prefect.provider.shapes import read_shaped

EVENT = {"posture": "Reactive", "expect": ["a"]}
ID = "00000000-0000-0000-0000-000000000001"
METRIC = {"name": "lateness", "threshold": 60, "operator": ">"}


def trigger(value):
    return read_shaped(TRIGGERS, value, is_cloud=True)


def action(value):
    return read_shaped(ACTIONS, value, is_cloud=True)


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({"expect": ["a"]}, ("posture",), "is required"),
        ({**EVENT, "posture": "reactive"}, ("posture",), "one of Reactive, Proactive"),
        ({**EVENT, "threshold": 0}, ("threshold",), "1 or more"),
        ({**EVENT, "threshold": 1.5}, ("threshold",), "whole number"),
        ({**EVENT, "within": -1}, ("within",), "0 seconds or more"),
        ({**EVENT, "within": "soon"}, ("within",), "like PT1H"),
        ({**EVENT, "posture": "Proactive", "within": 5}, ("within",), "10 seconds or more"),
        ({**EVENT, "expect": "a"}, ("expect",), "a list of text"),
        ({**EVENT, "match": {"a": []}}, ("match",), "nothing ever matches"),
        ({**EVENT, "match": {"a": 1}}, ("match",), "text or a list of text"),
        ({**EVENT, "match_related": [1]}, ("match_related",), "an object"),
        ({**EVENT, "forEach": []}, ("forEach",), "did you mean 'for_each'?"),
        ({"type": "sequence", "triggers": []}, ("triggers",), "must not be empty"),
        ({"type": "compound", "triggers": [EVENT]}, ("require",), "is required"),
        ({"type": "compound", "triggers": [EVENT], "require": 2}, ("require",), "2 of 1"),
        ({"type": "compound", "triggers": [EVENT], "require": "x"}, ("require",), "any, all"),
        ({"type": "compound", "triggers": [EVENT], "require": [1]}, ("require",), "whole number"),
        (
            {"type": "sequence", "triggers": [{**EVENT, "threshold": 0}]},
            ("triggers", 0, "threshold"),
            "1 or more",
        ),
        ({"type": "metric", "metric": {**METRIC, "range": 60}}, ("metric",), "300 seconds"),
        ({"type": "metric", "metric": {"name": "lateness"}}, ("metric",), "needs 'threshold'"),
        ({"type": "metric", "metric": {**METRIC, "x": 1}}, ("metric",), "has no key 'x'"),
    ],
)
def test_trigger_that_would_not_fire(value, path, reason):
    """What the server takes and drops, fails on or never fires for is refused."""
    ((found_path, found_reason),) = trigger(value).failures

    assert found_path == path
    assert reason in found_reason


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({"type": "run-deployment"}, ("deployment_id",), "is required when"),
        (
            {"type": "pause-work-pool", "source": "inferred", "work_pool_id": ID},
            ("work_pool_id",),
            "not allowed",
        ),
        ({"type": "run-deployment", "deployment_id": "f/d"}, ("deployment_id",), "not its name"),
        ({"type": "run-deploymnt"}, ("type",), "did you mean 'run-deployment'?"),
        ({"type": "do-nothing", "x": 1}, ("x",), "would be dropped"),
        ({"type": "change-flow-run-state", "state": "failed"}, ("state",), "SCHEDULED"),
        ({"type": "change-flow-run-state", "state": "FAILED", "force": 1}, ("force",), "boolean"),
        (
            {"type": "send-notification", "block_document_id": ID, "body": "{{ x"},
            ("body",),
            "is no Jinja template",
        ),
        ({"type": "send-notification", "block_document_id": ID}, ("body",), "is required"),
        (
            {"type": "call-webhook", "block_document_id": ID, "payload": {"a": "{% x"}},
            ("payload",),
            "is no Jinja template",
        ),
        (
            {"type": "run-deployment", "deployment_id": ID, "parameters": {"a": {"b": ["{{"]}}},
            ("parameters",),
            "'a.b' is no Jinja template",
        ),
    ],
)
def test_action_that_would_fail(value, path, reason):
    """What the server takes and drops, or fails on when it fires, is refused."""
    ((found_path, found_reason),) = action(value).failures

    assert found_path == path
    assert reason in found_reason


def test_proactive_trigger_waits_ten_seconds():
    """A Proactive trigger without a time has the server's, and a reactive one none."""
    assert trigger({**EVENT, "posture": "Proactive"}).value["within"] == 10.0
    assert trigger(EVENT).value["within"] == 0.0


def test_composites_may_come_together_at_any_time():
    """A composite without a time has none, which the server wants to be said."""
    read = trigger({"type": "sequence", "triggers": [EVENT]})

    assert read.failures == []
    assert read.value["within"] is None


def test_equal_payloads_are_one_text():
    """An object and any spelling of it as JSON are one payload; other text stays."""
    values = [{"b": 1, "a": "{{ event }}"}, '{"a": "{{ event }}",   "b": 1}']
    texts = {
        action({"type": "call-webhook", "block_document_id": ID, "payload": value}).value["payload"]
        for value in values
    }
    plain = action({"type": "call-webhook", "block_document_id": ID, "payload": "{{ event }}"})

    assert len(texts) == 1
    assert plain.value["payload"] == "{{ event }}"


def test_metric_has_the_servers_times():
    """A metric that says no times looks back five minutes and has to hold as long."""
    metric = trigger({"type": "metric", "metric": METRIC}).value["metric"]

    assert metric == {**METRIC, "range": 300.0, "firing_for": 300.0}


def test_references_are_known_ids():
    """Only ids that are known by now can be looked for."""
    actions = [{"work_pool_id": ID, "source": "selected"}, {"deployment_id": UNKNOWN}, UNKNOWN]

    assert [*list_references(actions)] == [(0, "work_pool_id", ID)]
    assert [*list_references(UNKNOWN)] == []
