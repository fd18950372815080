import pytest

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from tests.support.provider_bench import urn_of
from tests.unit.provider.test_provider import run

POOL = "prefect:index:WorkPool"
DEPLOYMENT = {"flowName": "f", "workPoolName": "p"}


def test_pool_of_others_is_not_deleted():
    """A pool that deployments outside the stack use stays, as they would lose it for good."""

    async def delete(fake, bench):
        pool = await bench.create(POOL, {"name": "p", "type": "process"})
        mine = await bench.create("prefect:index:Deployment", {"name": "mine", **DEPLOYMENT})
        other = await bench.create("prefect:index:Deployment", {"name": "other", **DEPLOYMENT})
        labels = fake.deployments[other.id]["labels"]
        labels["meta-prefect.urn"] = urn_of("prefect:index:Deployment", "x", stack="prod")
        with pytest.raises(ProviderError, match=r"used by 1 deployments.*such as 'other'"):
            await bench.delete(pool)
        await bench.delete(other)
        await bench.delete(pool)

        assert fake.pools == {}
        assert mine.id in fake.deployments

    run(delete)


def test_pool_of_others_is_deleted_when_asked():
    """With `forceDelete` the pool goes whoever uses it."""

    async def delete(fake, bench):
        pool = await bench.create(POOL, {"name": "p", "type": "process", "forceDelete": True})
        made = await bench.create("prefect:index:Deployment", {"name": "d", **DEPLOYMENT})
        fake.deployments[made.id]["labels"].clear()
        await bench.delete(pool)

        assert fake.pools == {}

    run(delete)


def test_type_without_template_is_refused():
    """A type that neither the installed Prefect nor the server knows needs a template."""

    async def check(fake, bench):
        with pytest.raises(ProviderError, match="no default template of type 'odd'"):
            await bench.failures(POOL, {"name": "p", "type": "odd"})

    run(check)


def test_overlay_is_declared_with_its_template():
    """Who lays something over a template sees it when somebody changes the template."""

    async def refresh(fake, bench):
        overlay = {"variables": {"stream_output": {"default": False}}}
        values = {"name": "p", "type": "process", "templateOverlay": overlay}
        pool = await bench.create(POOL, values)
        template = fake.pools["p"]["base_job_template"]
        assert template["variables"]["properties"]["stream_output"]["default"] is False

        template["variables"]["properties"]["stream_output"]["default"] = True
        drifted = await bench.refresh(pool)
        found = await bench.diff(drifted, values)

        path = "baseJobTemplate.variables.properties.stream_output.default"
        assert list(found.detailed_diff) == [path]

    run(refresh)


def test_unknown_overlay_makes_the_template_unknown():
    """A template under an overlay that comes later is not known yet."""

    async def check(fake, bench):
        values = {"name": "p", "type": "process", "templateOverlay": UNKNOWN}
        inputs = await bench.check(urn_of(POOL, "p"), values)

        assert inputs["baseJobTemplate"] is UNKNOWN

    run(check)


def test_pool_made_anew_by_hand_changes_its_id():
    """A pool that somebody deleted and made again shows by its id, so that dependents relink."""

    async def refresh(fake, bench):
        pool = await bench.create(POOL, {"name": "p", "type": "process"})
        fake.pools["p"]["id"] = "another"

        assert (await bench.refresh(pool)).outputs["workPoolId"] == "another"

    run(refresh)
