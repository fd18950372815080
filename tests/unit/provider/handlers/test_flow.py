import pytest

from tests.unit.provider.test_provider import run

FLOW = "prefect:index:Flow"


@pytest.mark.parametrize(
    ("runs", "deployments", "text"),
    [
        (3, 0, "flow f keeps its history: 3 runs"),
        (1, 0, "flow f keeps its history: 1 run"),
        (2, 1, "flow f keeps its history: 2 runs, 1 deployment"),
    ],
)
def test_flow_with_history_stays(runs, deployments, text):
    """A flow with runs or other deployments is not deleted, and the user is told how many."""

    async def delete(fake, bench):
        flow = await bench.create(FLOW, {"name": "f"})
        fake.runs[flow.id] = runs
        for at in range(deployments):
            await bench.create("prefect:index:Deployment", {"name": f"d{at}", "flowId": flow.id})
        await bench.delete(flow)

        assert flow.id in fake.flows
        assert bench.messages == [("info", flow.urn, text)]

    run(delete)


def test_flow_without_history_goes():
    """A flow that nothing hangs on is deleted."""

    async def delete(fake, bench):
        flow = await bench.create(FLOW, {"name": "f"})
        await bench.delete(flow)

        assert fake.flows == {}

    run(delete)


def test_history_goes_when_asked():
    """With `deleteHistory` the flow goes with its runs."""

    async def delete(fake, bench):
        flow = await bench.create(FLOW, {"name": "f", "deleteHistory": True})
        fake.runs[flow.id] = 3
        await bench.delete(flow)

        assert fake.flows == {}

    run(delete)


def test_existing_flow_gets_its_tags():
    """The server ignores the tags of a flow that exists, so they are set afterwards."""

    async def create(fake, bench):
        await bench.create(FLOW, {"name": "f"}, "first")
        second = await bench.create(FLOW, {"name": "f", "tags": ["a"]}, "second")

        assert fake.flows[second.id]["tags"] == ["a"]

    run(create)
