"""The reference programs under `stacks/` run as a team would run them."""

import os
import shutil
from pathlib import Path

import pytest

from meta_prefect.interfaces.engine import OperationKind, Outcome
from meta_prefect.interfaces.events import ResourcePre
from meta_prefect.project.operations import OperationOptions, Selection
from meta_prefect.project.pulumi_folder import read_folder_settings
from meta_prefect.project.wiring import build_project

STACKS = Path(__file__).parents[2] / "stacks"


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """An environment in which no Prefect is configured."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    monkeypatch.setenv("META_PREFECT_ENGINE", "embedded")


def preview(folder, stack):
    """Give op by name of what an `up` of a program would do."""
    settings = read_folder_settings(folder, {"stack": stack}, os.environ)
    operation = build_project(settings, os.environ).prepare(
        OperationKind.UP, Selection(everything=True), OperationOptions()
    )
    events = []
    result = operation.preview(events.append)
    assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
    steps = [event.metadata for event in events if isinstance(event, ResourcePre)]
    return {step.urn.rpartition("::")[2]: step for step in steps}


def test_a_flow_inside_a_program_brings_its_whole_graph(nowhere, tmp_path):
    """`deploy` declares server, pool, worker and both deployments in the program's own stack."""
    folder = shutil.copytree(STACKS / "local", tmp_path / "local")

    steps = preview(folder, "prod")

    assert {name for name, step in steps.items() if step.op == "create"} - {"default"} == {
        "reference-local-prod",
        "server/local",
        "provider/prefect",
        "work-pool/process",
        "work-pool/process/pool",
        "worker/process",
        "worker/process/process",
        "count_letters",
        "count_letters/flow",
        "count_letters/deployment",
        "count_letters/hourly",
    }
    made = [step for step in steps.values() if step.provider]
    assert f"| makes | {len(made)} resources" in (STACKS / "local/README.md").read_text("utf-8")
    deployment = steps["count_letters/hourly"].new.inputs
    assert deployment["name"] == "hourly-prod"
    assert deployment["entrypoint"] == "flows.py:count_letters"
    assert deployment["schedules"][0]["active"] is True
