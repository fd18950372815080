import asyncio

import pytest

from tests.support.by_hand import connect_async
from tests.support.provider_bench import build_bench

pytestmark = pytest.mark.e2e

DEPLOYMENT = "prefect:index:Deployment"
VALUES = {"name": "limited", "flowName": "e2e-limits-flow"}


def test_shared_limit_survives_its_deployment(prefect_server):
    """A deployment goes from an own limit to a shared one and back, and the shared one stays."""

    async def change():
        bench = await build_bench(prefect_server.url)
        async with connect_async(prefect_server.url) as http:
            body = {"name": "e2e-limits-shared", "limit": 7}
            shared = (await http.post("/v2/concurrency_limits/", json=body)).json()
            made = await bench.create(DEPLOYMENT, {**VALUES, "concurrencyLimit": 2})
            made = await bench.update(made, {**VALUES, "globalConcurrencyLimitId": shared["id"]})
            attached = await bench.refresh(made)
            made = await bench.update(made, {**VALUES, "concurrencyLimit": 3})
            own = await bench.refresh(made)
            after = (await http.get(f"/v2/concurrency_limits/{shared['id']}")).json()
            await bench.delete(made)
        await bench.provider.close()

        assert attached.inputs["globalConcurrencyLimitId"] == shared["id"]
        assert own.inputs["concurrencyLimit"] == 3
        assert after["limit"] == 7

    asyncio.run(change())


def test_paused_schedule_survives_a_rewrite(prefect_server):
    """A schedule paused by hand stays paused when changed labels write the whole deployment."""

    async def change():
        bench = await build_bench(prefect_server.url)
        values = {
            "name": "scheduled",
            "flowName": "e2e-limits-flow",
            "schedules": [{"slug": "a", "interval": 3600, "maxScheduledRuns": 2}],
        }
        made = await bench.create(DEPLOYMENT, values)
        route = f"/deployments/{made.id}/schedules/{made.outputs['scheduleIds']['a']}"
        async with connect_async(prefect_server.url) as http:
            (await http.patch(route, json={"active": False, "parameters": {}})).raise_for_status()
            made = await bench.update(made, {**values, "labels": {"a": "b"}})
            (row,) = (await http.get(f"/deployments/{made.id}/schedules")).json()
        await bench.delete(made)
        await bench.provider.close()

        assert (row["active"], row["max_scheduled_runs"]) == (False, 2)

    asyncio.run(change())
