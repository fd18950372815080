"""The cases of the rounds are whole: no input that no round changes, and nothing unsent."""

import asyncio

import pytest
from prefect.server.events.schemas import automations
from prefect.server.schemas import actions

from meta_prefect.provider.registry import HANDLERS
from tests.support.fake_prefect import FakePrefect
from tests.support.provider_bench import build_bench
from tests.support.rounds import Round, list_cases, load_case
from tests.unit.provider.test_provider import KINDS, URL, HandsOnFake

CASES = [load_case(name) for name in list_cases()]
SERVER_SCHEMAS = {
    "flow": (actions.FlowCreate, actions.FlowUpdate),
    "work_pool": (actions.WorkPoolCreate, actions.WorkPoolUpdate),
    "work_queue": (actions.WorkQueueCreate, actions.WorkQueueUpdate),
    "deployment": (actions.DeploymentCreate, actions.DeploymentUpdate),
    "deployment_schedule": (actions.DeploymentScheduleCreate, actions.DeploymentScheduleUpdate),
    "variable": (actions.VariableCreate, actions.VariableUpdate),
    "block_type": (actions.BlockTypeCreate, actions.BlockTypeUpdate),
    "block_schema": (actions.BlockSchemaCreate,),
    "block_document": (actions.BlockDocumentCreate, actions.BlockDocumentUpdate),
    "global_concurrency_limit": (
        actions.ConcurrencyLimitV2Create,
        actions.ConcurrencyLimitV2Update,
    ),
    "tag_concurrency_limit": (actions.ConcurrencyLimitCreate,),
    "automation": (automations.AutomationCreate, automations.AutomationUpdate),
}
UNSENT = {
    "automation": {"owner_resource": "it replaces, and a round makes one thing only"},
    "deployment": {"infrastructure_document_id": "infrastructure is the pool's since Prefect 3"},
    "deployment_schedule": {"replaces": "the slug is the identity"},
    "work_queue": {
        "filter": "from before there were pools",
        "last_polled": "the workers' to say",
    },
    "global_concurrency_limit": {
        "active_slots": "the runs' to say",
        "denied_slots": "the runs' to say",
    },
}
"""Fields of the server's that no round sends, with the reason."""


@pytest.mark.parametrize("type", sorted({case["type"] for case in CASES}))
def test_rounds_change_each_input(type):
    """Each input of a kind is changed in a round, and each that replaces is seen to replace."""
    kind = HANDLERS[type].kind
    changes = [change for case in CASES if case["type"] == type for change in case["changes"]]

    changed = {key for change in changes for key in change["set"]}
    replaced = {key for change in changes if change["kind"] == "replace" for key in change["set"]}
    assert {field.name for field in kind.fields} - changed == set()
    assert {field.name for field in kind.fields if field.change.replaces} - replaced == set()


@pytest.mark.parametrize("name", KINDS)
def test_rounds_send_each_field_of_the_server(name):
    """What the server's own schemas take is sent somewhere in the round, or left out on purpose."""

    async def round_():
        fake, sent = FakePrefect(), set()

        def keep(request):
            if request.method != "GET" and not request.url.path.endswith("/filter"):
                sent.update(_keys(fake.requests[-1][2]))

        fake.faults = keep
        bench = await build_bench(URL, transport=fake.transport)
        await Round(bench, load_case(name), "unit", HandsOnFake(fake)).run()
        return sent

    taken = {field for schema in SERVER_SCHEMAS[name] for field in schema.model_fields}
    assert taken - asyncio.run(round_()) == UNSENT.get(name, {}).keys()


def _keys(body):
    return {key for item in (body if isinstance(body, list) else [body or {}]) for key in item}
