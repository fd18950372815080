import pytest

from meta_prefect.interfaces.provider import Changes, ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from tests.support.provider_bench import build_bench
from tests.unit.provider.test_provider import run

AUTOMATION = "prefect:index:Automation"
VALUES = {
    "name": "a",
    "trigger": {"posture": "Reactive", "expect": ["x"]},
    "actions": [{"type": "do-nothing"}],
}
MISSING = "00000000-0000-0000-0000-000000000001"


def test_failures_have_paths():
    """All that is wrong in triggers and actions is told at once, each with its path."""

    async def check(fake, bench):
        failures = await bench.failures(
            AUTOMATION,
            {
                "name": "a",
                "trigger": {"posture": "Reactive", "threshold": 0},
                "actions": [{"type": "do-nothing"}, {"type": "run-deployment"}],
                "actionsOnResolve": [{"type": "nope"}],
            },
        )

        assert failures.keys() == {
            "trigger.threshold",
            "actions[1].deployment_id",
            "actionsOnResolve[0].type",
        }

    run(check)


def test_cloud_kinds_need_cloud():
    """A metric trigger is refused on a server of one's own, and taken while the API is unknown."""

    async def check(fake, bench):
        metric = {"name": "lateness", "threshold": 1, "operator": ">"}
        values = {**VALUES, "trigger": {"type": "metric", "metric": metric}}
        later = await build_bench("", apiUrl=UNKNOWN)

        assert "only in Prefect Cloud" in (await bench.failures(AUTOMATION, values))["trigger.type"]
        assert await later.failures(AUTOMATION, values) == {}

    run(check)


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("run-deployment", "deployment_id"),
        ("pause-work-pool", "work_pool_id"),
        ("pause-work-queue", "work_queue_id"),
        ("pause-automation", "automation_id"),
        ("call-webhook", "block_document_id"),
    ],
)
def test_things_have_to_exist(action, key):
    """An action on something that is not there is refused: the server notices when it fires."""

    async def check(fake, bench):
        values = {**VALUES, "actions": [{"type": action, key: MISSING}]}
        failures = await bench.failures(AUTOMATION, values)

        assert failures.keys() == {f"actions[0].{key}"}
        assert "is not among the" in failures[f"actions[0].{key}"]

    run(check)


def test_lost_create_is_found():
    """An automation that is made again by its own resource is taken over, never doubled."""

    async def create(fake, bench):
        made = await bench.create(AUTOMATION, VALUES)
        found = await bench.provider.find_created(made.urn, made.inputs)
        again = await bench.create(AUTOMATION, {**VALUES, "description": "new"})
        other = await bench.create(AUTOMATION, VALUES, "other")

        assert found.id == again.id == made.id != other.id
        assert fake.automations[made.id]["description"] == "new"
        assert len(fake.automations) == 2

    run(create)


def test_own_automation_is_not_taken_over_where_forbidden():
    """With `adopt` never the one that is there is named with the way to import it."""

    async def create(fake, bench):
        made = await bench.create(AUTOMATION, VALUES)

        with pytest.raises(ProviderError, match=f"exists already: import it as {made.id}"):
            await bench.create(AUTOMATION, VALUES)

    run(create, adopt="never")


def test_owner_is_told_when_it_is_made():
    """An owner goes along with the creation, and another one makes another automation."""

    async def create(fake, bench):
        values = {**VALUES, "ownerResource": "prefect.deployment.1"}
        made = await bench.create(AUTOMATION, values)
        diff = await bench.diff(made, {**values, "ownerResource": "prefect.deployment.2"})

        (_, _, body) = fake.writes[0]
        assert body["owner_resource"] == "prefect.deployment.1"
        assert diff.replaces == ("ownerResource",)

    run(create)


def test_without_owner_label_there_is_no_tag():
    """Who wants no labels gets no tag, and a lost create cannot be found."""

    async def create(fake, bench):
        made = await bench.create(AUTOMATION, VALUES)

        assert fake.automations[made.id]["tags"] == []
        assert await bench.provider.find_created(made.urn, made.inputs) is None

    run(create, ownerLabel="")


def test_name_of_several_cannot_be_imported():
    """An import by a name that several have names their ids."""

    async def import_(fake, bench):
        made = [await bench.create(AUTOMATION, VALUES, name) for name in ("one", "two")]

        with pytest.raises(ProviderError, match="2 automations are named 'a'") as caught:
            await bench.import_(AUTOMATION, "a")
        assert all(thing.id in str(caught.value) for thing in made)
        assert await bench.import_(AUTOMATION, "b") is None

    run(import_)


def test_paused_automation_stays_paused():
    """A change of something else leaves alone what people have switched off."""

    async def update(fake, bench):
        made = await bench.create(AUTOMATION, VALUES)
        fake.automations[made.id]["enabled"] = False
        refreshed = await bench.refresh(made)
        changed = await bench.update(refreshed, {**VALUES, "description": "new"})

        assert (await bench.diff(refreshed, VALUES)).changes is Changes.NONE
        assert fake.automations[changed.id]["enabled"] is False

    run(update)


def test_trigger_changed_by_hand_is_drift():
    """A changed trigger is told by its path, and new ids and another order are not."""

    async def refresh(fake, bench):
        trigger = {"posture": "Reactive", "expect": ["x", "y"], "for_each": ["b", "a"]}
        values = {**VALUES, "trigger": {"type": "sequence", "triggers": [trigger]}}
        made = await bench.create(AUTOMATION, values)
        row = fake.automations[made.id]["trigger"]["triggers"][0]
        row["id"], row["expect"] = "another", ["y", "x"]
        renewed = await bench.diff(await bench.refresh(made), values)
        row["threshold"] = 5
        changed = await bench.diff(await bench.refresh(made), values)

        assert renewed.changes is Changes.NONE
        assert changed.detailed_diff.keys() == {"trigger.triggers[0].threshold"}

    run(refresh)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"trigger": {"posture": "Reactive"}}, 1),
        ({"trigger": {"posture": "Reactive"}, "enabled": False}, 0),
        ({"trigger": {"posture": "Reactive", "match": {"a": "b"}}}, 0),
        ({"trigger": {"posture": "Proactive"}}, 0),
        ({"trigger": {"type": "sequence", "triggers": [{"posture": "Reactive"}]}}, 0),
    ],
)
def test_trigger_for_everything_is_warned_of(changes, count):
    """A trigger that fires for every event fires for its own, and the server drowns in them."""

    async def check(fake, bench):
        await bench.failures(AUTOMATION, {**VALUES, **changes})

        assert len([text for *_, text in bench.messages if "every event" in text]) == count

    run(check)
