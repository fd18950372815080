"""
One measurement of the provider, in a process of its own: prints what it took as JSON.

`python -m tests.benchmarks.provider_measure PART COUNT API_URL FOLDER`. Parts whose name begins
with `raw` send the least requests that do the same, one after the other; `unchanged`, `refresh` and
`destroy` need the state that `up` left in the folder.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import httpx
import pulumi

from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.interfaces.engine import OperationKind, OperationRequest, Outcome
from meta_prefect.provider import sdk
from meta_prefect.provider.provider import PrefectProvider
from meta_prefect.provider.templates import find_template, read_packaged_metadata

PROJECT = "bench"
STACK = "dev"
POOL = "bench-pool"
FLOW = "bench-flow"
_URN = f"urn:pulumi:{STACK}::{PROJECT}::prefect:index:Deployment"
_PAGE = 200
_BUSY_SECONDS = 0.2
_SCHEMA = {
    "title": "Parameters",
    "type": "object",
    "properties": {"number": {"title": "number", "position": 0, "type": "integer"}},
    "required": ["number"],
}


def build_values(number):
    """Build what a deployment is declared with, as `sdk.Deployment` takes it."""
    return {
        "name": f"deployment-{number}",
        "entrypoint": "flows.py:bench_flow",
        "parameters": {"number": number},
        "parameter_openapi_schema": _SCHEMA,
        "job_variables": {"env": {"NUMBER": str(number)}},
        "tags": ["bench"],
        "version": "1",
        "description": "A deployment of the benchmark.",
        "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": "/srv"}}],
    }


def build_program(count, api_url):
    """Build a program of one pool, one flow and its deployments."""

    def program():
        provider = sdk.Provider("prefect", api_url=api_url)
        opts = pulumi.ResourceOptions(provider=provider)
        pool = sdk.WorkPool("pool", name=POOL, type="process", opts=opts)
        flow = sdk.Flow("flow", name=FLOW, opts=opts)
        for number in range(count):
            sdk.Deployment(
                f"deployment-{number}",
                flow_id=flow.id,
                work_pool_name=pool.name,
                schedules=[{"slug": "hourly", "interval": 3600, "active": False}],
                opts=opts,
                **build_values(number),
            )

    return program


def run_operation(part, count, api_url, folder):
    """Run an operation of the embedded engine; it must succeed."""
    backend = FileBackend(f"file://{folder}", PROJECT, lambda: "passphrase")
    engine = EmbeddedEngine(
        backend, {"prefect": _connect}, PluginPlace({}, Path(folder), {}, may_download=False)
    )
    kind, program = {
        "up": (OperationKind.UP, build_program(count, api_url)),
        "unchanged": (OperationKind.UP, build_program(count, api_url)),
        "refresh": (OperationKind.REFRESH, None),
        "destroy": (OperationKind.DESTROY, None),
    }[part]
    result = engine.run(OperationRequest(kind, PROJECT, STACK, program), lambda event: None)
    assert result.outcome is Outcome.SUCCEEDED, result.diagnostics


async def _connect(log):
    # Prefect's own settings tell the provider of the database, as they do for a user.
    name = "PREFECT_API_DATABASE_CONNECTION_URL"
    environment = {"PREFECT_HOME": "/nonexistent", name: os.environ.get(name, "")}
    return PrefectProvider(log, environment=environment)


def write_raw(http, count):
    """Make the same objects with one writer; a locked database is asked again."""
    # With a template the server checks the job variables of each deployment; so it does for `up`.
    template = find_template(read_packaged_metadata(), "process")
    pool = {"name": POOL, "type": "process", "base_job_template": template}
    _post(http, "/work_pools/", pool)
    flow = _post(http, "/flows/", {"name": FLOW})
    schedule = {"interval": 3600, "anchor_date": "2020-01-01T00:00:00Z", "timezone": "UTC"}
    for number in range(count):
        body = {
            **build_values(number),
            "flow_id": flow["id"],
            "work_pool_name": POOL,
            "work_queue_name": "default",
            "enforce_parameter_schema": True,
            "path": None,
            "labels": {"meta-prefect.urn": f"{_URN}::deployment-{number}"},
            "schedules": [
                {"slug": "hourly", "schedule": schedule, "active": False, "parameters": {}}
            ],
        }
        _post(http, "/deployments/", body)


def read_raw(http):
    """Read all deployments page by page."""
    offset, page = 0, [None]
    while page:
        page = _post(http, "/deployments/filter", {"limit": _PAGE, "offset": offset})
        offset += len(page)


def clear_raw(http):
    """Take away what `write_raw` made: a flow takes its deployments along."""
    flow = http.get(f"/flows/name/{FLOW}").raise_for_status().json()
    http.delete(f"/flows/{flow['id']}").raise_for_status()
    http.delete(f"/work_pools/{POOL}").raise_for_status()


def _post(http, path, body):
    while True:
        response = http.post(path, json=body)
        if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return response.raise_for_status().json()
        time.sleep(_BUSY_SECONDS)


def run_part(part, count, api_url, folder):
    """Do what is measured."""
    if not part.startswith("raw"):
        run_operation(part, count, api_url, folder)
        return
    with httpx.Client(base_url=api_url, timeout=120, trust_env=False) as http:
        match part:
            case "raw-write":
                write_raw(http, count)
            case "raw-read":
                read_raw(http)
            case "raw-clear":
                clear_raw(http)


def main():
    """Measure one part."""
    part, count, api_url, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    start, start_processor = time.perf_counter(), time.process_time()
    run_part(part, count, api_url, folder)
    taken = {
        "seconds": time.perf_counter() - start,
        "processor_seconds": time.process_time() - start_processor,
    }
    sys.stdout.write(json.dumps(taken) + "\n")


if __name__ == "__main__":
    main()
