import json

from meta_prefect.cli.views.json import build_event, build_operation, build_value
from meta_prefect.interfaces.engine import OutputValue
from meta_prefect.interfaces.events import Cancelled, DiagnosticEvent, Prelude, Severity
from meta_prefect.interfaces.values import UNKNOWN, Asset, Secret
from tests.views import recordings as r
from tests.views import stage


def test_secrets_and_unknowns_are_markers():
    """Masked texts and records alike become marker objects, at any depth."""
    value = {"a": ["[secret]", Secret("x")], "b": {"c": UNKNOWN, "d": "[unknown]"}, "e": [1, None]}

    assert build_value(value) == {
        "a": [{"secret": True}, {"secret": True}],
        "b": {"c": {"unknown": True}, "d": {"unknown": True}},
        "e": [1, None],
    }


def test_other_records_are_text():
    """What JSON does not know is written as text."""
    assert build_value(Asset(path="x")).startswith("Asset(")


def test_secret_outputs_stay_secret():
    """An output's clear value never reaches the document when it is secret."""
    outputs = {"url": OutputValue("http://x"), "key": OutputValue("hunter2", secret=True)}
    report = stage.report(r.TAGS, stage.apply(r.TAGS), "up", outputs=outputs)

    document = build_operation(report)

    assert document["outputs"] == {"url": "http://x", "key": {"secret": True}}
    assert "hunter2" not in json.dumps(document)


def test_what_stays_is_left_out():
    """Resources that stay are in the document only when they are asked for."""
    report = stage.report(r.TAGS, stage.apply(r.TAGS), "up")

    assert len(build_operation(report)["resources"]) == 1
    assert len(build_operation(report, show_same=True)["resources"]) == len(r.THINGS)


def test_warnings_are_diagnostics():
    """What was warned of while it ran is in the document, beside the errors."""
    report = stage.report(r.FAILED, stage.apply(r.FAILED), "up")

    found = [(item["severity"], item["code"]) for item in build_operation(report)["diagnostics"]]

    assert found == [("error", "MP3004"), ("warning", "")]


def test_events():
    """Messages, status and interruption are events; the prelude says nothing new."""
    said = DiagnosticEvent(Severity.INFO, "", "hello")
    passing = DiagnosticEvent(Severity.INFO, "urn", "1 of 2", ephemeral=True)

    kinds = [
        build_event(event, None, preview=True)["event"] for event in (said, passing, Cancelled())
    ]

    assert kinds == ["diagnostic", "status", "cancelled"]
    assert build_event(Prelude({}), None, preview=True) is None
