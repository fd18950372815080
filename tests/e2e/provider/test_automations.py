import asyncio
import uuid
from datetime import UTC, datetime

import pytest

from tests.support.by_hand import connect_async
from tests.support.provider_bench import build_bench

pytestmark = pytest.mark.e2e

_PATIENCE_SECONDS = 60


def test_automation_acts(prefect_server):
    """An automation that was declared runs its deployment when its event comes, and pauses it."""

    async def act():
        bench = await build_bench(prefect_server.url)
        values = {"name": "acted", "flowName": "e2e-automations"}
        deployment = await bench.create("prefect:index:Deployment", values)
        await bench.create(
            "prefect:index:Automation",
            {
                "name": "e2e-automations",
                "trigger": {
                    "posture": "Reactive",
                    "expect": ["e2e.automations.ordered"],
                    "match": {"prefect.resource.id": "e2e.automations.shop"},
                },
                "actions": [
                    {
                        "type": "run-deployment",
                        "deployment_id": deployment.id,
                        "parameters": {"event": "{{ event.event }}"},
                    },
                    {"type": "pause-deployment", "deployment_id": deployment.id},
                ],
            },
        )
        async with connect_async(prefect_server.url) as http:
            runs = await _wait_for_runs(http, deployment.id)
            await _wait_until_paused(http, deployment.id)
        refreshed = await bench.refresh(deployment)
        await bench.provider.close()

        assert runs[0]["parameters"] == {"event": "e2e.automations.ordered"}
        assert refreshed.inputs == deployment.inputs

    asyncio.run(act())


async def _wait_for_runs(http, deployment_id):
    """Send the event until the server, which may not know the automation yet, has made a run."""
    body = {"deployments": {"id": {"any_": [deployment_id]}}}
    for _ in range(_PATIENCE_SECONDS):
        if runs := (await http.post("/flow_runs/filter", json=body)).json():
            return runs
        await _send_event(http)
        await asyncio.sleep(1)
    pytest.fail("the automation made no run")


async def _send_event(http):
    event = {
        "id": str(uuid.uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "e2e.automations.ordered",
        "resource": {"prefect.resource.id": "e2e.automations.shop"},
        "related": [],
        "payload": {},
    }
    (await http.post("/events", json=[event])).raise_for_status()


async def _wait_until_paused(http, deployment_id):
    for _ in range(_PATIENCE_SECONDS):
        if (await http.get(f"/deployments/{deployment_id}")).json()["paused"]:
            return
        await asyncio.sleep(1)
    pytest.fail("the automation paused nothing")
