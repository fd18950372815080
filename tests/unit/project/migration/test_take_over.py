"""Taking over what is deployed, in front of a Prefect in memory."""

import asyncio

import pytest

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.project.migration.deployed import read_snapshot
from meta_prefect.project.migration.migration import plan_migration
from meta_prefect.project.migration.take_over import take_over
from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.settings import ProviderSettings
from tests.support.fake_world import API_URL, World

FLOWS = """
from prefect import flow

@flow
def etl(rows: int = 1): ...

@flow
def fresh(): ...
"""
YAML = """
deployments:
- name: nightly
  version: "1"
  entrypoint: {file}:etl
  tags: [a]
  pull: [{{prefect.deployments.steps.set_working_directory: {{directory: /srv}}}}]
  work_pool: {{name: small}}
- name: new
  version: "1"
  entrypoint: {file}:fresh
  pull: []
  work_pool: {{name: small}}
"""
SCHEMA = {
    "title": "Parameters",
    "type": "object",
    "properties": {
        "rows": {"default": 1, "position": 0, "title": "rows", "type": "integer"},
    },
}


@pytest.fixture
def world(tmp_path):
    """A project with a prefect.yaml, one of whose deployments is in Prefect."""
    world = World(tmp_path)
    world.write(FLOWS)
    (tmp_path / "prefect.yaml").write_text(YAML.format(file=world.file.name))
    world.prefect._make_pool({"name": "small", "type": "process", "base_job_template": {}})
    _, flow = world.prefect._make_flow({"name": "etl"})
    world.prefect._write_deployment(
        {
            "name": "nightly",
            "flow_id": flow["id"],
            "entrypoint": f"{world.file.name}:etl",
            "pull_steps": [
                {"prefect.deployments.steps.set_working_directory": {"directory": "/srv"}}
            ],
            "parameter_openapi_schema": SCHEMA,
            "work_pool_name": "small",
            "tags": ["a"],
            "version": "1",
            "enforce_parameter_schema": True,
        }
    )
    return world


def move(world):
    """Plan, write and take over."""

    def look(names):
        client = PrefectClient(
            ProviderSettings(api_url=API_URL),
            lambda *_: None,
            transport=world.prefect.transport,
        )
        return asyncio.run(read_snapshot(client, names))

    migration = plan_migration(world.folder / "prefect.yaml", world.folder, look)
    migration.write(world.folder)
    return take_over(migration, world.project().prepare)


def test_what_is_deployed_is_in_the_stack_and_the_rest_waits(world):
    """Nothing is written in Prefect; the next `up` makes what is not there yet."""
    writes = len(world.prefect.writes)

    taken = move(world)

    assert taken.adopted == ("etl/nightly",)
    assert {"fresh/new": "create"}.items() <= taken.waiting.items()
    assert not [name for name in taken.waiting if name.startswith("etl")]
    assert len(world.prefect.writes) == writes
    assert world.up("fresh")["fresh/new"] == "create"


def test_what_differs_stops_before_anything_is_done(world):
    """A description that somebody changed since is named, and the stack stays empty."""
    (row,) = world.prefect.deployments.values()
    row["parameter_openapi_schema"] = {**SCHEMA, "title": "Old"}
    writes = len(world.prefect.writes)

    with pytest.raises(MetaPrefectError, match="MP1504") as caught:
        move(world)

    assert caught.value.diagnostic.why == "etl/nightly: parameterOpenapiSchema"
    assert len(world.prefect.writes) == writes
