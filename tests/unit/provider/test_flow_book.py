import asyncio

from tests.unit.provider.test_provider import DEPLOYMENT, FLOW, run


def _paths(fake):
    return [path for _, path, _ in fake.requests]


def test_a_flow_is_made_once_for_all_its_deployments():
    """Deployments that name one flow ask for it once, also when they are made side by side."""

    async def create(fake, bench):
        values = [{"name": name, "flowName": "f"} for name in ("a", "b", "c")]
        made = await asyncio.gather(
            *(bench.create(DEPLOYMENT, item, item["name"]) for item in values)
        )

        assert len({thing.outputs["flowId"] for thing in made}) == 1
        assert _paths(fake) == ["/flows/", *["/deployments/"] * 3]

    run(create)


def test_an_old_flow_is_looked_through():
    """A flow that was there may have a deployment of this name, so each is looked for."""

    async def create(fake, bench):
        fake._serve("POST", "/flows/", {"name": "f"})
        await bench.create(DEPLOYMENT, {"name": "a", "flowName": "f"})

        assert _paths(fake)[-3:] == ["/flows/", "/deployments/filter", "/deployments/"]

    run(create)


def test_a_name_that_was_given_already_is_looked_for():
    """A second create of the same name in one operation meets the first one's deployment."""

    async def create(fake, bench):
        values = {"name": "a", "flowName": "f"}
        first = await bench.create(DEPLOYMENT, values)
        again = await bench.create(DEPLOYMENT, values)

        assert again.id == first.id
        assert "/deployments/filter" in _paths(fake)

    run(create)


def test_a_deleted_flow_is_forgotten():
    """A deployment made after its flow was deleted makes the flow anew."""

    async def create(fake, bench):
        flow = await bench.create(FLOW, {"name": "f"})
        await bench.delete(flow)
        made = await bench.create(DEPLOYMENT, {"name": "a", "flowName": "f"})

        assert made.outputs["flowId"] in fake.flows
        assert made.outputs["flowId"] != flow.id

    run(create)
