"""Automations of a flow, from the flow file to what is in Prefect."""

import pytest

from tests.support.fake_world import World

FLOW = """
from prefect import flow

from meta_prefect.implementations.automations import THIS_DEPLOYMENT, automation, on_event
from meta_prefect.implementations.deployments import deployment
from meta_prefect.implementations.metadata import versioneer
from meta_prefect.implementations.notify import slack, webhook
from meta_prefect.implementations.work_pools import work_pool
from meta_prefect.interfaces.components import existing

@deployment("nightly", webhook(variable="PAGER_URL", on=["crashed"]))
@deployment(
    "small",
    automation(
        "stop",
        trigger={{
            "type": "event",
            "posture": "Reactive",
            "expect": ["prefect.flow-run.Crashed"],
            "within": 60,
        }},
        actions=[{{"type": "pause-deployment", "deployment_id": THIS_DEPLOYMENT}}],
        owned=True,
        enabled={enabled},
    ),
    on_event("a.b", parameters={{"x": "{{{{ event.id }}}}"}}),
)
@slack(variable="SLACK_URL")
@versioneer(version="1")
@work_pool()
@flow
def report(x: str = ""): ...
"""


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A project whose channels have addresses."""
    monkeypatch.setenv("SLACK_URL", "https://slack.test/hook")
    monkeypatch.setenv("PAGER_URL", "https://pager.test/hook")
    world = World(tmp_path)
    for slug in ("slack-webhook", "webhook"):
        make_block_type(world.prefect, slug)
    world.write(FLOW.format(enabled=True))
    return world


def test_automations_are_made_with_the_ids_of_deployment_and_blocks(world):
    """Each deployment has its own; a block that several use is one; a second `up` does nothing."""
    made = world.up("report")

    rows = {row["name"]: row for row in world.prefect.automations.values()}
    nightly, small = (world.deployments[f"report/{name}-dev"] for name in ("nightly", "small"))
    blocks = {row["block_type_slug"]: row for row in blocks_of(world)}
    assert sorted(rows) == [
        "report/nightly-dev: slack on failed, crashed",
        "report/nightly-dev: webhook on crashed",
        "report/small-dev: on a.b",
        "report/small-dev: slack on failed, crashed",
        "report/small-dev: stop",
    ]
    told = rows["report/nightly-dev: slack on failed, crashed"]
    assert told["actions"][0]["block_document_id"] == blocks["slack-webhook"]["id"]
    related = told["trigger"]["match_related"]["prefect.resource.id"]
    assert related == f"prefect.deployment.{nightly['id']}"
    run = rows["report/small-dev: on a.b"]["actions"][0]
    assert (run["deployment_id"], run["parameters"]) == (small["id"], {"x": "{{ event.id }}"})
    assert rows["report/small-dev: stop"]["actions"][0]["deployment_id"] == small["id"]
    assert blocks["slack-webhook"]["data"]["url"] == "https://slack.test/hook"
    assert {"block/slack-webhook/slack-url", "report/small/stop"} <= made.keys()
    assert world.preview("report") == {}


def test_an_automation_changes_in_place_and_goes_with_its_builder(world):
    """What is switched in the code is switched in Prefect; without builders nothing is left."""
    world.up("report")

    world.write(FLOW.format(enabled=False))
    changed = world.up("report")
    gone = world.destroy("report")

    assert changed == {"report/small/stop": "update"}
    assert "block/webhook/pager-url" in gone
    assert (world.prefect.automations, blocks_of(world)) == ({}, [])


def test_a_value_that_is_missing_stops_before_anything_is_made(world, monkeypatch):
    """The variable is named, and nothing is in Prefect."""
    monkeypatch.delenv("PAGER_URL")

    with pytest.raises(AssertionError, match="MP2112"):
        world.up("report")

    assert world.prefect.automations == {}


def test_a_block_of_somebody_else_is_used_by_its_id(world):
    """It is looked up by type and name, and stays when the automation goes."""
    kind = next(r for r in world.prefect.block_types.values() if r["slug"] == "slack-webhook")
    schemas = world.prefect.block_schemas.values()
    schema = next(row for row in schemas if row["block_type_id"] == kind["id"])
    document = {
        "name": "alerts",
        "data": {"url": "https://theirs.test"},
        "block_type_id": schema["block_type_id"],
        "block_schema_id": schema["id"],
        "is_anonymous": False,
    }
    _, made = world.prefect._block_documents("POST", [], document)
    world.write(
        """
        from prefect import flow
        from meta_prefect.implementations.notify import slack
        from meta_prefect.implementations.work_pools import work_pool
        from meta_prefect.interfaces.components import existing

        @slack(existing("alerts"), name="alarm")
        @work_pool()
        @flow
        def report(): ...
        """
    )

    world.up("report")
    (automation,) = world.prefect.automations.values()
    world.destroy("report")

    assert automation["name"] == "report/dev: alarm"
    assert automation["actions"][0]["block_document_id"] == made["id"]
    assert [row["name"] for row in blocks_of(world)] == ["alerts"]


def make_block_type(prefect, slug):
    """Put a type of blocks into Prefect that takes an address."""
    _, kind = prefect._block_types("POST", [], {"name": slug, "slug": slug})
    fields = {
        "title": slug,
        "type": "object",
        "properties": {"url": {"type": "string"}},
        "required": ["url"],
        "secret_fields": ["url"],
        "block_type_slug": slug,
    }
    schema = {"block_type_id": kind["id"], "fields": fields, "capabilities": [], "version": "1"}
    prefect._block_schemas("POST", [], schema)


def blocks_of(world):
    """Give the documents in Prefect, with the slugs of their types."""
    types = {row["id"]: row["slug"] for row in world.prefect.block_types.values()}
    return [
        {**row, "block_type_slug": types[row["block_type_id"]]}
        for row in world.prefect.block_documents.values()
    ]
