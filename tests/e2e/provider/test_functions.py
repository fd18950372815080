import asyncio

import pytest

from meta_prefect.interfaces.provider import InvokeRequest
from meta_prefect.interfaces.values import Secret
from meta_prefect.provider.function_registry import FUNCTIONS
from meta_prefect.provider.listings import LISTINGS
from tests.support.provider_bench import build_bench

pytestmark = pytest.mark.e2e

POOL = "e2e-functions-pool"
MADE = {
    "WorkPool": {"name": POOL, "type": "process", "concurrencyLimit": 4},
    "WorkQueue": {"workPoolName": POOL, "name": "fast", "priority": 1},
    "Deployment": {
        "name": "main",
        "flowName": "e2e-functions",
        "workPoolName": POOL,
        "tags": ["e2e-functions"],
    },
    "Variable": {"name": "e2e_functions", "value": {"a": [1]}},
    "GlobalConcurrencyLimit": {"name": "e2e-functions", "limit": 3},
    "TagConcurrencyLimit": {"tag": "e2e-functions", "concurrencyLimit": 2},
    "BlockDocument": {
        "blockTypeSlug": "secret",
        "name": "e2e-functions",
        "data": {"value": "hush"},
    },
}
ASKED = {
    "getWorkPool": ({"name": POOL}, {"type": "process", "concurrencyLimit": 4}),
    "getWorkPools": ({"names": [POOL]}, {}),
    "getWorkQueue": ({"workPoolName": POOL, "name": "fast"}, {"priority": 1}),
    "getWorkQueues": ({"workPoolName": POOL}, {}),
    "getWorkers": ({"workPoolName": POOL, "status": "ONLINE"}, {"found": []}),
    "getFlow": ({"name": "e2e-functions"}, {"name": "e2e-functions"}),
    "getDeployment": ({"fullName": "e2e-functions/main"}, {"workPoolName": POOL}),
    "getDeployments": ({"tags": ["e2e-functions"], "flowName": "e2e-functions"}, {}),
    "getVariable": ({"name": "e2e_functions"}, {"value": {"a": [1]}}),
    "getBlockType": ({"slug": "secret"}, {"slug": "secret"}),
    "getBlockTypes": ({"slugs": ["secret"]}, {}),
    "getBlockDocument": (
        {"blockTypeSlug": "secret", "name": "e2e-functions"},
        {"data": {"value": Secret("hush")}},
    ),
    "getAutomation": ({"name": "e2e-nothing", "optional": True}, {}),
    "getGlobalConcurrencyLimit": ({"name": "e2e-functions"}, {"limit": 3}),
    "getTagConcurrencyLimit": ({"tag": "e2e-functions"}, {"concurrencyLimit": 2}),
    "getDefaultBaseJobTemplate": ({"type": "process"}, {"type": "process"}),
    "getServer": ({}, {"isCloud": False}),
}


def test_every_function_on_a_server(prefect_server):
    """Each function finds what is there, and each type that can be listed tells what was made."""

    async def ask():
        bench = await build_bench(prefect_server.url)
        made = {
            name: await bench.create(f"prefect:index:{name}", values, name)
            for name, values in MADE.items()
        }
        found = {
            name: await bench.provider.invoke(InvokeRequest(f"prefect:index:{name}", arguments))
            for name, (arguments, _) in ASKED.items()
        }
        listed = {type: await _list_all(bench, type) for type in LISTINGS}
        for thing in reversed(made.values()):
            await bench.delete(thing)
        await bench.provider.close()

        every = {token for token in FUNCTIONS if token.startswith("prefect:index:")}
        assert {f"prefect:index:{name}" for name in ASKED} == every
        for name, (_, told) in ASKED.items():
            assert found[name].failures == ()
            assert told.items() <= found[name].result.items(), name
        for name, count in (("getWorkPools", 1), ("getWorkQueues", 2), ("getDeployments", 1)):
            assert len(found[name].result["found"]) == count
        for name, thing in made.items():
            assert thing.id in listed[f"prefect:index:{name}"], name

    asyncio.run(ask())


async def _list_all(bench, type):
    """List a type to its end, in small pages; gives the ids."""
    ids, start = set(), ""
    while start is not None:
        page = await bench.provider.list_page(type, size=50, start=start, name="")
        ids |= {item.id for item in page.found}
        start = page.following or None
    return ids
