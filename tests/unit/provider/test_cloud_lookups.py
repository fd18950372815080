"""Lookups of Prefect Cloud, against a fake one."""

import asyncio

import pytest

from meta_prefect.interfaces.provider import InvokeRequest, ProviderError
from meta_prefect.interfaces.values import Secret
from tests.support.fake_cloud import USER
from tests.support.fake_prefect import FakePrefect
from tests.support.provider_bench import build_bench
from tests.support.rounds import load_case
from tests.unit.provider.handlers.test_cloud_resource import run

THINGS = ("workspace", "workspace_role", "team", "service_account", "webhook")


async def look_up(bench, function, **arguments):
    request = InvokeRequest(f"prefect:cloud:{function}", arguments)
    return (await bench.provider.invoke(request)).result


@pytest.mark.parametrize("kind", THINGS)
def test_thing_is_looked_up(kind):
    """Each kind is found by its name or uuid, with what the API tells of it."""

    async def find(fake, bench):
        case = load_case(f"cloud/{kind}")
        made = await bench.create(case["type"], case["inputs"])
        name = case["type"].rpartition(":")[2]
        key = "handle" if kind == "workspace" else "name"
        by_name = await look_up(bench, f"get{name}", **{key: case["inputs"][key]})
        by_id = await look_up(bench, f"get{name}", id=made.id)

        assert by_name == by_id
        assert by_name["id"] == made.id
        assert by_name["created"] == made.outputs["created"]

    run(find)


def test_url_of_a_webhook_is_secret():
    """What a resource keeps secret a lookup does, too."""

    async def find(fake, bench):
        await bench.create("prefect:cloud:Webhook", {"name": "h", "template": "t"})
        found = await look_up(bench, "getWebhook", name="h")

        assert isinstance(found["endpoint"], Secret)

    run(find)


def test_account_role_is_looked_up():
    """A role in the account has no resource, only an id that others take."""

    async def find(fake, bench):
        found = await look_up(bench, "getAccountRole", name="Admin")
        missing = await look_up(bench, "getAccountRole", name="Boss", optional=True)

        assert (found["id"], missing) == (fake.role("Admin"), {})
        with pytest.raises(ProviderError, match="there is no account role 'Boss'"):
            await look_up(bench, "getAccountRole", name="Boss")

    run(find)


def test_account_is_looked_up():
    """The provider's own account is found without its uuid, and another by it."""

    async def find(fake, bench):
        own = await look_up(bench, "getAccount")

        assert own == await look_up(bench, "getAccount", id="acme")
        assert (own["id"], own["handle"], own["managedExecution"]) == ("acme", "acme", False)

    run(find)


def test_member_is_looked_up():
    """A member is found by address, with the uuids that access takes; a wrong one is told."""

    async def find(fake, bench):
        found = await look_up(bench, "getAccountMember", email="marvin@acme.example")
        everybody = await look_up(bench, "getAccountMembers")
        missing = await look_up(bench, "getAccountMember", email="x", optional=True)

        ((id, row),) = fake.tables["account_memberships"].items()
        assert (found["id"], found["userId"], found["actorId"]) == (id, USER, "actor-of-marvin")
        assert found["accountRoleId"] == row["account_role_id"]
        assert everybody == {"found": [found]}
        assert missing == {}
        with pytest.raises(ProviderError, match="there is no account member 'x'"):
            await look_up(bench, "getAccountMember", email="x")

    run(find)


def test_teams_are_listed():
    """All teams are found at once, with their ids."""

    async def find(fake, bench):
        made = await bench.create("prefect:cloud:Team", {"name": "a", "description": "first"})
        teams = await look_up(bench, "getTeams")

        assert teams == {"found": [{"id": made.id, "name": "a", "description": "first"}]}

    run(find)


def test_missing_thing_is_told():
    """A name that nothing has is an error, unless it may be missing."""

    async def find(fake, bench):
        assert await look_up(bench, "getTeam", name="x", optional=True) == {}
        with pytest.raises(ProviderError, match="there is no team 'x'"):
            await look_up(bench, "getTeam", name="x")

    run(find)


def test_server_of_ones_own_has_none_of_them():
    """On any other API the lookup says where the kind is, and asks nothing."""

    async def find():
        fake = FakePrefect()
        bench = await build_bench("http://prefect.example/api", transport=fake.transport)
        with pytest.raises(ProviderError, match="Team is only in Prefect Cloud"):
            await look_up(bench, "getTeam", name="x")

        assert fake.requests == []

    asyncio.run(find())
