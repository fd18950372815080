import json

import httpx
import pytest

from meta_prefect.interfaces.provider import PartlyDone, ProviderError
from tests.support.provider_bench import Thing, urn_of
from tests.unit.provider.test_provider import run

DEPLOYMENT = "prefect:index:Deployment"
VALUES = {"name": "d", "flowName": "f"}


def _writes(fake):
    return [(method, path.rpartition("/")[0], body) for method, path, body in fake.writes]


def test_own_limit_becomes_a_shared_one():
    """The own limit goes first: set beside it, the server refuses the shared one."""

    async def update(fake, bench):
        made = await bench.create(DEPLOYMENT, {**VALUES, "concurrencyLimit": 2})
        fake.requests.clear()
        await bench.update(made, {**VALUES, "globalConcurrencyLimitId": "g"})

        assert _writes(fake) == [
            ("PATCH", "/deployments", {"concurrency_limit": None}),
            ("PATCH", "/deployments", {"global_concurrency_limit_id": "g"}),
        ]

    run(update)


def test_shared_limit_becomes_an_own_one():
    """The shared limit is detached first: a number set beside it would change it for everybody."""

    async def update(fake, bench):
        made = await bench.create(DEPLOYMENT, {**VALUES, "globalConcurrencyLimitId": "g"})
        fake.requests.clear()
        await bench.update(made, {**VALUES, "concurrencyLimit": 2})

        assert _writes(fake) == [
            ("PATCH", "/deployments", {"global_concurrency_limit_id": None}),
            ("PATCH", "/deployments", {"concurrency_limit": 2}),
        ]

    run(update)


def test_schedules_alone_do_not_write_the_deployment():
    """A changed schedule goes by its own route: others keep their ids and future runs."""

    async def update(fake, bench):
        night, often = {"slug": "a", "cron": "0 2 * * *"}, {"slug": "b", "interval": 60}
        made = await bench.create(DEPLOYMENT, {**VALUES, "schedules": [night, often]})
        fake.requests.clear()
        changed = {**night, "cron": "0 3 * * *"}
        after = await bench.update(made, {**VALUES, "schedules": [changed, often]})

        (write,) = fake.writes
        assert write[:2] == (
            "PATCH",
            f"/deployments/{made.id}/schedules/{made.outputs['scheduleIds']['a']}",
        )
        assert write[2]["parameters"] == {}
        assert after.outputs["scheduleIds"] == made.outputs["scheduleIds"]

    run(update)


def test_paused_schedule_stays_paused():
    """A schedule that a person paused is not switched on by a change of it or of the labels."""

    async def update(fake, bench):
        night = {"slug": "a", "cron": "0 2 * * *"}
        made = await bench.create(DEPLOYMENT, {**VALUES, "schedules": [night]})
        row = fake.deployments[made.id]
        row["schedules"][0]["active"] = False
        made = await bench.update(
            made, {**VALUES, "schedules": [{**night, "cron": "0 3 * * *"}], "labels": {"a": "b"}}
        )
        after_labels = row["schedules"][0]["active"]
        await bench.update(made, {**VALUES, "schedules": [night], "labels": {"a": "b"}})

        assert (after_labels, row["schedules"][0]["active"]) == (False, False)

    run(update)


def test_unmanaged_schedules_survive_a_rewrite():
    """A rewrite, which wipes schedules it is not given, sends those that somebody else set."""

    async def update(fake, bench):
        made = await bench.create(DEPLOYMENT, {**VALUES, "schedules": [{"interval": 60}]})
        made = await bench.update(made, VALUES)
        await bench.update(made, {**VALUES, "labels": {"a": "b"}})

        assert len(fake.deployments[made.id]["schedules"]) == 1

    run(update)


def test_parameter_templates_are_not_patched():
    """A PATCH would resolve templates now instead of for each run, so all is written anew."""

    async def update(fake, bench):
        template = {"x": {"__prefect_kind": "jinja", "template": "{{ 1 }}"}}
        made = await bench.create(DEPLOYMENT, {**VALUES, "parameters": template})
        fake.requests.clear()
        await bench.update(made, {**VALUES, "parameters": template, "version": "2"})

        assert [method for method, _, _ in fake.writes] == ["POST"]

    run(update)


def test_labels_of_the_flow_are_not_drift():
    """Labels that the server adds from the flow, and the owner's, are not shown as ours."""

    async def refresh(fake, bench):
        flow = await bench.create("prefect:index:Flow", {"name": "f", "labels": {"team": "x"}})
        values = {"name": "d", "flowId": flow.id, "labels": {"a": "b"}}
        made = await bench.create(DEPLOYMENT, values)
        labels = fake.deployments[made.id]["labels"]

        assert labels.keys() == {"a", "team", "prefect.flow.id", "meta-prefect.urn"}
        assert (await bench.refresh(made)).inputs["labels"] == {"a": "b"}

    run(refresh)


def test_removed_label_goes():
    """A label that leaves the program is a difference, and leaves the server."""

    async def update(fake, bench):
        made = await bench.create(DEPLOYMENT, {**VALUES, "labels": {"a": "1", "b": "2"}})
        await bench.update(made, {**VALUES, "labels": {"b": "2"}})

        labels = fake.deployments[made.id]["labels"]
        assert labels.keys() == {"b", "prefect.flow.id", "meta-prefect.urn"}

    run(update)


def test_lost_pool_is_drift_and_is_linked_again():
    """A deployment whose pool was deleted and made again is linked to the new one."""

    async def relink(fake, bench):
        pool = await bench.create("prefect:index:WorkPool", {"name": "p", "type": "process"})
        values = {**VALUES, "workPoolName": "p", "workPoolId": pool.outputs["workPoolId"]}
        made = await bench.create(DEPLOYMENT, values)
        await bench.delete(pool)
        pool = await bench.create("prefect:index:WorkPool", {"name": "p", "type": "process"})
        values["workPoolId"] = pool.outputs["workPoolId"]
        lost = fake.deployments[made.id]["work_pool_name"]
        made = await bench.update(made, values)

        assert lost is None
        assert fake.deployments[made.id]["work_pool_name"] == "p"
        assert made.outputs["workQueueId"] == pool.outputs["defaultQueueId"]

    run(relink)


def test_missing_pool_is_named():
    """A deployment on a pool that does not exist is refused with the server's sentence."""

    async def create(fake, bench):
        with pytest.raises(ProviderError, match='Work pool "p" not found'):
            await bench.create(DEPLOYMENT, {**VALUES, "workPoolName": "p"})

    run(create)


def test_update_of_what_is_gone_says_what_to_do():
    """A deployment that was deleted by hand cannot be changed; a refresh makes it anew."""

    async def update(fake, bench):
        made = await bench.create(DEPLOYMENT, VALUES)
        fake.deployments.clear()
        with pytest.raises(ProviderError, match="is gone: a refresh"):
            await bench.update(made, {**VALUES, "version": "2"})

    run(update)


def test_equal_schedules_without_slugs_are_told_apart():
    """Two schedules that somebody made alike and unnamed are imported, and then settled."""

    async def import_(fake, bench):
        made = await bench.create(DEPLOYMENT, VALUES)
        alike = {"schedule": {"cron": "0 2 * * *", "timezone": "UTC"}, "active": False}
        fake._serve("POST", f"/deployments/{made.id}/schedules", [alike, alike])
        imported = await bench.import_(DEPLOYMENT, made.id)
        schedules = imported.inputs["schedules"]
        diff = await bench.diff(imported, {**VALUES, "schedules": schedules})

        slugs = [schedule["slug"] for schedule in schedules]
        assert slugs[1] == f"{slugs[0]}-2"
        assert imported.outputs["scheduleIds"].keys() == set(slugs)
        assert "schedules" not in diff.diffs

    run(import_)


def test_import_declares_the_flow_once():
    """A program says the flow by id or by name, and either is what was imported."""

    async def import_(fake, bench):
        made = await bench.create(DEPLOYMENT, VALUES)
        imported = await bench.import_(DEPLOYMENT, made.id)
        by_name = await bench.diff(imported, VALUES)
        by_id = await bench.diff(imported, {"name": "d", "flowId": made.outputs["flowId"]})

        assert {"flowId", "flowName"} & set(imported.inputs["__declared"]) == {"flowId"}
        assert (by_name.diffs, by_id.diffs) == ((), ())

    run(import_)


def test_schedule_that_cannot_be_made_again_leaves_a_part():
    """A deployment whose schedules are written in part is kept, and the next up does the rest."""

    async def create(fake, bench):
        values = {**VALUES, "schedules": [{"slug": "a", "cron": "@daily", "maxScheduledRuns": 5}]}
        refused = httpx.Response(409, json={"detail": "no"})
        fake.faults = lambda request: refused if _makes_schedule(request) else None
        with pytest.raises(PartlyDone, match="cannot create schedule 'a'") as caught:
            await bench.create(DEPLOYMENT, values)
        fake.faults = lambda request: None
        error = caught.value
        left = Thing(error.id, urn_of(DEPLOYMENT, "it"), error.inputs, error.properties)
        diff = await bench.diff(left, values)
        await bench.update(left, values)

        assert diff.diffs == ("schedules",)
        assert fake.deployments[error.id]["schedules"][0]["max_scheduled_runs"] == 5

    run(create)


def _makes_schedule(request):
    return request.method == "POST" and request.url.path.endswith("/schedules")


def test_lost_answer_of_a_schedule_is_found_again():
    """A schedule whose answer was lost is made once."""

    async def update(fake, bench):
        made = await bench.create(DEPLOYMENT, {**VALUES, "schedules": []})
        lost = []

        def lose_one(request):
            if _makes_schedule(request) and not lost:
                path = request.url.path.removeprefix("/api")
                lost.append(fake._serve("POST", path, json.loads(request.content)))
                raise httpx.ReadError("reset")

        fake.faults = lose_one
        await bench.update(made, {**VALUES, "schedules": [{"slug": "a", "cron": "@daily"}]})

        assert [row["slug"] for row in fake.deployments[made.id]["schedules"]] == ["a"]

    run(update)
