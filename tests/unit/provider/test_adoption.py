import httpx
import pytest

from meta_prefect.interfaces.provider import CreateRequest, ProviderError
from meta_prefect.provider.adoption import has_same_key, is_of_same_stack
from tests.support.provider_bench import urn_of
from tests.support.rounds import Round, load_case
from tests.unit.provider.test_provider import KINDS, HandsOnFake, run

URN = urn_of("prefect:index:WorkPool", "pool")


@pytest.mark.parametrize(
    ("labels", "is_own"),
    [
        ({"owner": urn_of("prefect:index:Deployment", "d")}, True),
        ({"owner": urn_of("prefect:index:Deployment", "d", stack="prod")}, False),
        ({"owner": ""}, False),
        (None, False),
    ],
)
def test_label_tells_the_stack(labels, is_own):
    """A deployment belongs to a stack when its owner label names stack and project."""
    assert is_of_same_stack({"labels": labels}, "owner", URN) is is_own


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ({"name": "a", "limit": 1}, {"name": "a", "limit": 2}, True),
        ({"name": "a"}, {"name": "b"}, False),
        ({"name": "a", "flowId": "1"}, {"name": "a", "flowId": "2"}, False),
        ({}, {"name": "a"}, False),
    ],
)
def test_natural_keys_tell_things_apart(old, new, is_same):
    """Two sets of inputs are about one thing when all that names it is the same."""
    assert has_same_key(old, new) is is_same


@pytest.mark.parametrize("adopt", ["never", "own", "always"])
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"automation"}))
def test_replacement_never_takes_over_what_it_replaces(kind, adopt):
    """
    A create of what the state has, with the same natural key, is refused.

    An engine that was told to replace it makes the new one first, and then deletes the old one: it
    would delete what the create had taken over.
    """

    async def replace(fake, bench):
        round_ = Round(bench, load_case(kind), "unit", HandsOnFake(fake))
        await round_.prepare()
        made = await bench.create(round_.case["type"], round_.values)
        inputs = await bench.check(made.urn, round_.values, made.inputs)

        with pytest.raises(ProviderError, match="beside the one that it replaces"):
            await bench.provider.create(CreateRequest(made.urn, inputs))
        await bench.delete(made)
        again = await bench.provider.create(CreateRequest(made.urn, inputs))
        assert again.id

    run(replace, adopt=adopt)


def test_replaced_automation_has_another_id():
    """The new automation stands beside the old one, even when the answer to its create is lost."""

    async def replace(fake, bench):
        def lose(request):
            if request.method == "POST" and request.url.path.endswith("/automations/"):
                fake.faults = lambda request: None
                fake._serve("POST", "/automations/", fake.requests[-1][2])
                raise httpx.ReadError("gone", request=request)

        values = {
            "name": "a",
            "trigger": {"posture": "Reactive", "expect": ["x"]},
            "actions": [{"type": "do-nothing"}],
        }
        old = await bench.create("prefect:index:Automation", values)
        inputs = await bench.check(old.urn, {**values, "ownerResource": "x"}, old.inputs)
        fake.faults = lose
        new = await bench.provider.create(CreateRequest(old.urn, inputs))
        await bench.delete(old)

        assert new.id != old.id
        assert fake.automations.keys() == {new.id}

    run(replace)


def test_replacement_by_name_may_take_over_another():
    """A replacement with another name is about another thing, which `adopt` may take over."""

    async def replace(fake, bench):
        made = await bench.create("prefect:index:WorkPool", {"name": "a", "type": "process"})
        fake.pools["b"] = {**fake.pools["a"], "name": "b", "id": "other"}
        values = {"name": "b", "type": "process"}
        inputs = await bench.check(made.urn, values, made.inputs)

        taken = await bench.provider.create(CreateRequest(made.urn, inputs))
        assert taken.id == "b"

    run(replace, adopt="always")
