"""What `prefect deploy` deployed from a prefect.yaml is taken over, and nothing is left to do."""

import os
import subprocess
import sys

import pytest

from tests.support.command import CommandLine

pytestmark = pytest.mark.e2e

FLOWS = '''
"""The team's flows."""
from prefect import flow


@flow(name="Load orders")
def load(rows: int = 1, region: str = "eu") -> int:
    """
    Load orders.

    Args:
        rows: how many
    """
    return rows


class Jobs:
    @staticmethod
    @flow
    def clean() -> None: ...


report = flow(name="report")(lambda: None)
'''
FILE = """
name: orders
prefect-version: 3.4.0

definitions:
  pools:
    local: &local
      name: migration-process
      work_queue_name: null
      job_variables:
        env: {LOG_LEVEL: debug, PLACE: "{{ $PLACE }}"}
  zone: &zone
    timezone: Europe/Berlin

pull: null

deployments:
- name: nightly
  version: null
  tags: [orders, nightly]
  description: null
  entrypoint: flows/orders.py:load
  parameters: {rows: 5}
  work_pool: *local
  schedules:
  - cron: "0 2 * * *"
    <<: *zone
    slug: night
  - interval: 3600
    active: false
    parameters: {rows: 7}
  - rrule: FREQ=DAILY;BYHOUR=3
  concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW}
  triggers:
  - enabled: true
    match: {prefect.resource.id: hello.world}
    expect: [external.resource.pinged]
    parameters: {rows: "{{ event.payload.rows }}"}
- name: by hand
  entrypoint: ./flows/orders.py:load
  version: "7"
  description: Loads orders by hand.
  schedule: {}
  pull: []
  enforce_parameter_schema: false
  work_pool: {name: migration-process, work_queue_name: fast}
  paused: true
- name: clean
  entrypoint: flows/orders.py:Jobs.clean
  pull:
  - prefect.deployments.steps.git_clone:
      repository: https://example.com/team/flows
      access_token: "{{ prefect.blocks.secret.token }}"
  schedule: {cron: "@daily"}
  work_pool: {name: migration-docker, job_variables: {image: "team/flows:1"}}
- name: report
  entrypoint: flows/orders.py:report
  work_pool: {name: migration-docker, job_variables: {image: "team/flows:1"}}
  concurrency_limit: 1
"""


@pytest.fixture
def command(prefect_server, tmp_path):
    """A project whose prefect.yaml is deployed by Prefect's own command."""
    folder = tmp_path / "orders"
    (folder / "flows").mkdir(parents=True)
    (folder / "flows" / "orders.py").write_text(FLOWS)
    (folder / "prefect.yaml").write_text(FILE)
    environment = {"PREFECT_API_URL": prefect_server.url, "PLACE": "eu"}
    command = CommandLine(folder, tmp_path / "home", environment)
    for kind in ("process", "docker"):
        prefect(command, "work-pool", "create", f"migration-{kind}", "--type", kind)
    prefect(command, "work-queue", "create", "fast", "--pool", "migration-process")
    save = "from prefect.blocks.system import Secret; Secret(value='x').save('token')"
    run_python(command, "-c", save)
    for name in ("nightly", "by hand", "clean", "report"):
        # It fails after its work, as its last request is one that its own server refuses.
        assert "successfully" in prefect(command, "deploy", "-n", name, may_fail=True)
    yield command
    command.run("destroy", "--all", "--yes")


def prefect(command, *words, may_fail=False):
    """Run Prefect's own command in the project."""
    return run_python(command, "-m", "prefect", "--no-prompt", *words, may_fail=may_fail)


def run_python(command, *words, may_fail=False):
    """Run Python in the project."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=command.folder,
        env=command.environment | {"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert may_fail or done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_project_moves_without_a_change(command):
    """Builders are written, deployments taken over; preview and refresh find nothing to do."""
    answer = command.succeed("init", "--from", "prefect.yaml", "--yes", "--json").document
    preview = command.succeed("preview", "--expect-no-changes", "--json").document
    refreshed = command.succeed("refresh", "--all", "--yes", "--expect-no-changes", "--json")
    listed = command.succeed("ls", "--json").document

    assert answer["waiting"] == {}
    assert {"load/nightly", "load/by hand", "Jobs.clean/clean", "report/report"} <= {
        *answer["adopted"]
    }
    assert "load/nightly/trigger 1" in answer["adopted"]
    assert preview["result"] == "no-changes"
    assert refreshed.document["result"] == "no-changes"
    assert sorted(name for flow in listed["flows"] for name in flow["deployments"]) == [
        "Load orders/by hand",
        "Load orders/nightly",
        "clean/clean",
        "report/report",
    ]
