import asyncio

import pytest

from tests.support.fake_prefect import FakePrefect
from tests.support.provider_bench import build_bench

URL = "http://prefect.example/api"
DEPLOYMENT = {"name": "d", "flowName": "f"}
CRON = {"deploymentId": "1", "cron": "0 1 * * *"}


def _failures(type, values):
    async def check():
        bench = await build_bench(URL, transport=FakePrefect().transport)
        return await bench.failures(type, values)

    return asyncio.run(check())


def test_all_failures_at_once():
    """A check names everything that is wrong, with the nearest name for one nobody knows."""
    failures = _failures("prefect:index:Flow", {"nmae": "x", "tags": "a", "deleteHistory": "yes"})

    assert failures.keys() == {"nmae", "tags", "deleteHistory", "name"}
    assert "did you mean 'name'?" in failures["nmae"]
    assert failures["name"] == "is required"


@pytest.mark.parametrize(
    ("type", "values", "property", "reason"),
    [
        ("Flow", {"name": "a/b"}, "name", "must not contain /"),
        ("Flow", {"name": " "}, "name", "must not be empty"),
        ("WorkPool", {"name": "Prefect-x", "type": "process"}, "name", "must not begin"),
        (
            "WorkPool",
            {"name": "x", "type": "process", "concurrencyLimit": -1},
            "concurrencyLimit",
            "0 or more",
        ),
        (
            "WorkPool",
            {"name": "x", "type": "process", "baseJobTemplate": {"variables": {}}},
            "baseJobTemplate",
            "exactly the keys",
        ),
        ("WorkQueue", {"name": "q", "workPoolName": "p", "priority": 0}, "priority", "1 or more"),
        ("DeploymentSchedule", {"deploymentId": "1"}, "", "exactly one of cron"),
        ("DeploymentSchedule", {**CRON, "interval": 1}, "", "exactly one of cron"),
        ("DeploymentSchedule", {**CRON, "cron": "* *"}, "cron", "five or six parts"),
        ("DeploymentSchedule", {**CRON, "timezone": "Mars"}, "timezone", "no time zone"),
        ("DeploymentSchedule", {**CRON, "anchorDate": "2026-01-01"}, "anchorDate", "by interval"),
        ("DeploymentSchedule", {**CRON, "maxScheduledRuns": 51}, "maxScheduledRuns", "1 and 50"),
        ("DeploymentSchedule", {"deploymentId": "1", "interval": "x"}, "interval", "like PT1H"),
        ("Variable", {"name": "A", "value": 1}, "name", "lower-case letters, digits and - _"),
        ("Variable", {"name": "a" * 256, "value": 1}, "name", "255 characters"),
        ("Variable", {"name": "a", "value": "x" * 4999}, "value", "5000 characters"),
        ("GlobalConcurrencyLimit", {"name": "tag:a", "limit": 1}, "name", "TagConcurrencyLimit"),
        ("GlobalConcurrencyLimit", {"name": "deployment:a", "limit": 1}, "name", "its concurr"),
        ("GlobalConcurrencyLimit", {"name": "a", "limit": -1}, "limit", "0 or more"),
        (
            "GlobalConcurrencyLimit",
            {"name": "a", "limit": 1, "slotDecayPerSecond": -0.1},
            "slotDecayPerSecond",
            "0 or more",
        ),
        ("TagConcurrencyLimit", {"tag": "a/b", "concurrencyLimit": 1}, "tag", "not contain /"),
        ("TagConcurrencyLimit", {"tag": "a", "concurrencyLimit": -1}, "concurrencyLimit", "0 or"),
        ("Deployment", {"name": "d"}, "", "exactly one of flowId and flowName"),
        ("Deployment", {**DEPLOYMENT, "flowId": "1"}, "", "exactly one of flowId and flowName"),
        ("Deployment", {**DEPLOYMENT, "workQueueName": "q"}, "workQueueName", "needs workPoolName"),
        (
            "Deployment",
            {**DEPLOYMENT, "concurrencyLimit": 1, "globalConcurrencyLimitId": "x"},
            "concurrencyLimit",
            "one limit",
        ),
        ("Deployment", {**DEPLOYMENT, "concurrencyLimit": 0}, "concurrencyLimit", "1 or more"),
        ("Deployment", {**DEPLOYMENT, "gracePeriodSeconds": 5}, "gracePeriodSeconds", "60 to"),
        (
            "Deployment",
            {**DEPLOYMENT, "gracePeriodSeconds": 86_401},
            "gracePeriodSeconds",
            "to 86400 seconds",
        ),
        ("Deployment", {**DEPLOYMENT, "collisionStrategy": "X"}, "collisionStrategy", "ENQUEUE"),
        ("Deployment", {**DEPLOYMENT, "schedules": [{}]}, "schedules", "exactly one of"),
        (
            "Deployment",
            {**DEPLOYMENT, "parameters": {"big": "x" * 600_000}},
            "parameters",
            "512 KiB",
        ),
        (
            "Deployment",
            {
                **DEPLOYMENT,
                "parameters": {"n": "hush"},
                "parameterOpenapiSchema": {"properties": {"n": {"type": "integer"}}},
            },
            "parameters.n",
            "type must be integer",
        ),
    ],
)
def test_check_refuses(type, values, property, reason):
    """What the server refuses, or takes and fails on later, is refused before any request."""
    failures = _failures(f"prefect:index:{type}", values)

    assert failures.keys() == {property}
    assert reason in failures[property]
    assert "hush" not in str(failures)


@pytest.mark.parametrize(
    "parameters",
    [{"n": None}, {"n": {"__prefect_kind": "jinja", "template": "{{ 1 }}"}}, {}],
)
def test_parameters_that_only_a_run_can_tell_are_taken(parameters):
    """Null, templates and missing required parameters are left to the run."""
    schema = {"properties": {"n": {"type": "integer"}}, "required": ["n"]}
    values = {**DEPLOYMENT, "parameters": parameters, "parameterOpenapiSchema": schema}

    assert _failures("prefect:index:Deployment", values) == {}
