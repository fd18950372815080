import asyncio

import pytest

from meta_prefect.interfaces.provider import Changes
from tests.support.by_hand import connect_async
from tests.support.provider_bench import build_bench

pytestmark = pytest.mark.e2e

DEPLOYMENT = "prefect:index:Deployment"


def test_many_at_once(prefect_server):
    """Forty deployments declared at once are made once each, on a server that takes one writer."""

    async def create():
        bench = await build_bench(prefect_server.url)
        values = [{"name": f"many-{at}", "flowName": "e2e-many"} for at in range(40)]
        made = await asyncio.gather(
            *(bench.create(DEPLOYMENT, item, item["name"]) for item in values)
        )
        refreshed = await asyncio.gather(*(bench.refresh(thing) for thing in made))
        await asyncio.gather(*(bench.delete(thing) for thing in made))
        await bench.provider.close()

        assert len({thing.id for thing in made}) == 40
        assert [thing.outputs for thing in refreshed] == [thing.outputs for thing in made]

    asyncio.run(create())


@pytest.mark.parametrize(
    "values",
    [
        {"collisionStrategy": "ENQUEUE"},
        {"gracePeriodSeconds": 90},
        {"collisionStrategy": "CANCEL_NEW", "gracePeriodSeconds": 61},
        {"parameterOpenapiSchema": {}},
        {"schedules": [{"cron": "@daily"}, {"cron": "0 0 1 * * *", "dayOr": False}]},
    ],
)
def test_odd_inputs_settle(prefect_server, values):
    """Inputs that the server fills in or keeps elsewhere are no difference afterwards."""

    async def create():
        bench = await build_bench(prefect_server.url)
        asked = {"name": "odd", "flowName": "e2e-odd", **values}
        made = await bench.create(DEPLOYMENT, asked)
        refreshed = await bench.refresh(made)
        diff = await bench.diff(refreshed, asked)
        await bench.delete(made)
        await bench.provider.close()

        assert refreshed.inputs == made.inputs
        assert diff.changes is Changes.NONE

    asyncio.run(create())


def test_removed_labels_go(prefect_server):
    """A label that leaves the program leaves the server; one that the flow has too is ours."""

    async def update():
        bench = await build_bench(prefect_server.url)
        flow = await bench.create(
            "prefect:index:Flow", {"name": "e2e-labels", "labels": {"b": "0"}}
        )
        values = {"name": "labelled", "flowId": flow.id}
        made = await bench.create(DEPLOYMENT, {**values, "labels": {"a": "1", "b": "2"}})
        values["labels"] = {"b": "2"}
        made = await bench.update(made, values)
        async with connect_async(prefect_server.url) as http:
            labels = (await http.get(f"/deployments/{made.id}")).json()["labels"]
        refreshed = await bench.refresh(made)
        await bench.delete(made)
        await bench.provider.close()

        assert labels.keys() == {"b", "prefect.flow.id", "meta-prefect.urn"}
        assert labels["b"] == "2"
        assert refreshed.inputs == made.inputs

    asyncio.run(update())


def test_flow_goes_after_its_deployments(prefect_server):
    """A flow that nothing hangs on any more is deleted, one with a deployment stays."""

    async def delete():
        bench = await build_bench(prefect_server.url)
        flow = await bench.create("prefect:index:Flow", {"name": "e2e-goes"})
        made = await bench.create(DEPLOYMENT, {"name": "d", "flowId": flow.id})
        await bench.delete(flow)
        stayed = await bench.refresh(flow)
        await bench.delete(made)
        await bench.delete(flow)
        gone = await bench.refresh(flow)
        await bench.provider.close()

        assert stayed is not None
        assert bench.messages[0][2] == "flow e2e-goes keeps its history: 1 deployment"
        assert gone is None

    asyncio.run(delete())


def test_declared_ranks_settle(prefect_server):
    """Queues that move each other while they are made end in their declared places."""

    async def create():
        bench = await build_bench(prefect_server.url)
        pool = await bench.create(
            "prefect:index:WorkPool", {"name": "e2e-ranks", "type": "process"}
        )
        wanted = {"second": 2, "first": 1, "third": 3}
        queues = [
            await bench.create(
                "prefect:index:WorkQueue",
                {"workPoolName": "e2e-ranks", "name": name, "priority": rank},
                name,
            )
            for name, rank in wanted.items()
        ]
        found = [await bench.refresh(queue) for queue in queues]
        await bench.delete(pool)
        await bench.provider.close()

        assert {item.inputs["name"]: item.inputs["priority"] for item in found} == wanted

    asyncio.run(create())
