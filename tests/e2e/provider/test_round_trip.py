"""What `prefect deploy --all` makes of a prefect.yaml, taken into a stack."""

import asyncio
import shutil
import textwrap
from pathlib import Path

import pulumi
import pytest
import yaml

from meta_prefect.interfaces.engine import ImportItem, OperationKind
from meta_prefect.provider.fields import DECLARED
from meta_prefect.provider.handlers import deployment_table
from tests.support.by_hand import connect
from tests.support.prefect_cli import run_prefect
from tests.support.prefect_stack import PrefectStack
from tests.support.provider_bench import build_bench

pytestmark = pytest.mark.e2e

CASE = Path(__file__).parents[2] / "cases" / "prefect.yaml"
POOL = "round-trip-pool"
FLOWS = '''
from datetime import date

from prefect import flow


@flow(name="round-trip-load")
def load(
    day: date | None = None,
    limits: dict[str, float] | None = None,
    names: list[str] | None = None,
    dry: bool = False,
    none: str | None = None,
):
    """
    Load a day.

    Args:
        day: The day to load.
    """


@flow(name="round-trip-report", version="7")
def report(unknown: int = 0):
    """Report."""
'''
ONLY_CLOUD = {"sla"}
"""A server refuses them, after it has written the deployment."""


@pytest.fixture(scope="module")
def deployed(prefect_server, tmp_path_factory):
    """Deploy the project; gives the ids of all that it made, by type and name."""
    folder = tmp_path_factory.mktemp("round-trip")
    shutil.copy(CASE, folder / "prefect.yaml")
    (folder / "flows.py").write_text(textwrap.dedent(FLOWS))
    asyncio.run(_prepare(prefect_server.url))
    run_prefect(folder, prefect_server.url, "deploy", "--all")
    with connect(prefect_server.url) as http:
        return _find_made(http)


async def _prepare(api_url):
    """Make what the project takes for granted."""
    bench = await build_bench(api_url)
    await bench.create("prefect:index:WorkPool", {"name": POOL, "type": "process"})
    await bench.create("prefect:index:WorkQueue", {"workPoolName": POOL, "name": "fast"})
    await bench.create("prefect:index:Variable", {"name": "round_trip_level", "value": "info"})
    await bench.provider.close()


def _find_made(http):
    """List what there is of the project, as imports."""
    flows = _rows(http, "flows", "round-trip-")
    deployments = [row for row in _rows(http, "deployments") if row["work_pool_name"] == POOL]
    owners = {f"prefect.deployment.{row['id']}" for row in deployments}
    automations = [
        row
        for row in _rows(http, "automations")
        if any(action.get("deployment_id") in str(owners) for action in row["actions"])
    ]
    queues = http.post(f"/work_pools/{POOL}/queues/filter", json={}).json()
    return (
        ImportItem("prefect:index:WorkPool", POOL, POOL, protect=False),
        *_imports("WorkQueue", queues),
        *_imports("Flow", flows),
        *_imports("Deployment", deployments),
        *_imports("Automation", automations),
    )


def _rows(http, kind, prefix=""):
    rows = http.post(f"/{kind}/filter", json={}).raise_for_status().json()
    return [row for row in rows if row["name"].startswith(prefix)]


def _imports(kind, rows):
    return [
        ImportItem(f"prefect:index:{kind}", row["name"], row["id"], protect=False) for row in rows
    ]


def _declare(states):
    """Build the program that a person would write after an import: what is declared, as it is."""

    def program(opts):
        for name, state in states.items():
            declared = {key: state.inputs[key] for key in state.inputs[DECLARED]}
            pulumi.CustomResource(state.type, name, declared, opts)

    return program


def test_imported_project_shows_no_change(deployed, prefect_server, tmp_path):
    """All that `prefect deploy --all` makes is imported by ids; then nothing is to be done."""
    stack = PrefectStack(tmp_path, prefect_server.url, explicit=False)

    imported = stack.succeed(OperationKind.IMPORT, imports=deployed)
    assert imported["import"] == len(deployed)
    assert len(deployed) == 1 + 2 + 2 + 4 + 4

    program = _declare(stack.stored)
    assert stack.succeed(OperationKind.PREVIEW, program) == {}
    assert stack.succeed(OperationKind.UP, program) == {}
    assert stack.succeed(OperationKind.REFRESH) == {}
    assert stack.succeed(OperationKind.UP, program) == {}


def test_import_tells_what_the_file_says(deployed, prefect_server, tmp_path):
    """The imported inputs hold the values of the file, in our names and in one form."""
    stack = PrefectStack(tmp_path, prefect_server.url, explicit=False)
    stack.succeed(OperationKind.IMPORT, imports=deployed)

    document = yaml.safe_load(CASE.read_text())
    wanted = document["deployments"][0]
    found = stack.stored["everything"].inputs
    schedules = {schedule["slug"]: schedule for schedule in found["schedules"]}
    assert found["pullSteps"] == wanted["pull"]
    assert found["jobVariables"] == {"env": {"LEVEL": "info", "MODE": ""}}
    assert found["parameters"] == wanted["parameters"]
    assert found["tags"] == sorted(set(wanted["tags"]))
    assert (found["version"], found["paused"]) == ("1.2", True)
    assert (found["workPoolName"], found["workQueueName"]) == (POOL, "fast")
    assert (found["concurrencyLimit"], found["collisionStrategy"]) == (2, "CANCEL_NEW")
    assert found["gracePeriodSeconds"] == 90
    assert found["description"].strip() == wanted["description"].strip()
    assert len(schedules) == len(wanted["schedules"])
    assert schedules["early"]["dayOr"] is False
    assert schedules["hourly"]["anchorDate"] == "2026-01-01T05:30:00Z"
    assert (schedules["iso"]["interval"], schedules["clock"]["interval"]) == (5400.0, 1200.0)
    assert schedules["monthly"]["timezone"] == "Asia/Tokyo"
    assert stack.stored["plain"].inputs["pullSteps"] == document["pull"]
    assert stack.stored["one-schedule"].inputs["enforceParameterSchema"] is False


def test_table_knows_each_field_of_the_file():
    """Each field that Prefect's file may have is in the table of deployments, and in the case."""
    from prefect.cli.deploy import _models as models

    told = {line.split()[0] for line in _table_lines()}
    fields = {
        *_fields(models.PrefectYamlModel, ""),
        *_fields(models.DeploymentConfig, "deployments[]."),
        *_fields(models.WorkPoolConfig, "work_pool."),
        *_fields(models.ConcurrencyLimitSpec, "concurrency_limit."),
        *_fields(models.RawScheduleConfig, "schedules[]."),
    }
    assert fields - {"deployments"} == told

    case = CASE.read_text()
    assert {name for name in fields if f"{_last(name)}:" not in case} == {"deployments[].sla"}


def _fields(model, prefix):
    return {f"{prefix}{field.alias or name}" for name, field in model.model_fields.items()}


def _last(name):
    return name.rpartition(".")[2]


def _table_lines():
    """Give the lines of the table in the module's docstring."""
    lines = deployment_table.__doc__.splitlines()
    start, end = (at for at, line in enumerate(lines) if line.startswith("====="))
    return lines[start + 1 : end]
