import pytest

from meta_prefect.interfaces.provider import ProviderError
from tests.support.provider_bench import build_bench
from tests.unit.provider.test_provider import URL, run

SCHEDULE = "prefect:index:DeploymentSchedule"
DEPLOYMENT = "prefect:index:Deployment"


def test_slug_is_the_logical_name():
    """A schedule without a slug is named after its resource."""

    async def create(fake, bench):
        deployment = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f"})
        values = {"deploymentId": deployment.id, "interval": 60}
        made = await bench.create(SCHEDULE, values, "often")

        assert made.id == f"{deployment.id}/often"
        assert fake.deployments[deployment.id]["schedules"][0]["slug"] == "often"

    run(create)


def test_existing_slug_is_not_taken_over():
    """A schedule that the deployment has already is named with the way to import it."""

    async def create(fake, bench):
        deployment = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f"})
        values = {"deploymentId": deployment.id, "slug": "often", "interval": 60}
        await bench.create(SCHEDULE, values, "first")

        with pytest.raises(ProviderError, match=f"exists already: import it as {deployment.id}/o"):
            await bench.create(SCHEDULE, values, "second")

    run(create)


def test_paused_schedule_stays_paused():
    """A change, and one that makes the schedule again, leave it as people have set it."""

    async def update(fake, bench):
        deployment = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f"})
        values = {"deploymentId": deployment.id, "interval": 60, "maxScheduledRuns": 2}
        made = await bench.create(SCHEDULE, values)
        rows = fake.deployments[deployment.id]["schedules"]
        rows[0]["active"] = False
        changed = await bench.update(made, {**values, "interval": 90})
        seconds = rows[0]["schedule"]["interval"]
        await bench.update(changed, {**values, "interval": 90, "maxScheduledRuns": None})

        assert seconds == 90
        assert rows[0]["active"] is False
        assert rows[0]["max_scheduled_runs"] is None

    run(update)


def test_schedule_goes_with_its_deployment():
    """A schedule of a deleted deployment is gone, is deleted without an error, and not changed."""

    async def delete(fake, bench):
        deployment = await bench.create(DEPLOYMENT, {"name": "d", "flowName": "f"})
        values = {"deploymentId": deployment.id, "interval": 60}
        made = await bench.create(SCHEDULE, values)
        await bench.delete(deployment)

        assert await bench.refresh(made) is None
        with pytest.raises(ProviderError, match="is gone: a refresh"):
            await bench.update(made, {**values, "interval": 90})
        await bench.delete(made)

    run(delete)


def test_none_stands_beside_a_deployment_s_own_list():
    """A deployment that manages its schedules takes none from elsewhere; one that stops does."""

    async def check(fake, bench):
        values = {"name": "d", "flowName": "f"}
        owner = await bench.create(DEPLOYMENT, {**values, "schedules": []}, "owner")
        schedule = {"deploymentId": owner.id, "interval": 60}
        refused = await bench.failures(SCHEDULE, schedule)
        later = await build_bench(URL, transport=fake.transport)
        await later.diff(owner, values)
        allowed = await later.failures(SCHEDULE, schedule)

        reason = "has schedules of its own, those of 'owner': put this one among them"
        assert refused == {"deploymentId": reason}
        assert allowed == {}

    run(check)


def test_an_unchanged_deployment_keeps_its_list_to_itself():
    """A deployment that is only compared is known to manage its schedules as well."""

    async def check(fake, bench):
        values = {"name": "d", "flowName": "f", "schedules": [{"cron": "@daily"}]}
        owner = await bench.create(DEPLOYMENT, values, "owner")
        later = await build_bench(URL, transport=fake.transport)
        await later.diff(owner, values)

        assert await later.failures(SCHEDULE, {"deploymentId": owner.id, "interval": 60})

    run(check)
