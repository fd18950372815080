"""The kinds of Prefect Cloud, against a fake one: none was ever run against the real one."""

import asyncio

import httpx
import pytest

from meta_prefect.interfaces.provider import ProviderError, UpdateRequest
from meta_prefect.interfaces.values import UNKNOWN, Secret
from tests.support.fake_cloud import API_URL, FakeCloud
from tests.support.fake_prefect import FakePrefect
from tests.support.provider_bench import build_bench
from tests.support.rounds import Round, load_case

KINDS = (
    "workspace",
    "workspace_role",
    "team",
    "team_access",
    "webhook",
    "workspace_access",
    "workspace_access_of_a_user",
    "service_account",
    "block_access",
    "deployment_access",
    "work_pool_access",
    "account",
    "account_member",
    "user",
    "user_api_key",
)
ACCOUNT = "prefect:cloud:ServiceAccount"
SLA = "prefect:cloud:ResourceSla"
TIME = {"name": "in time", "duration": 60}


class HandsOnCloud:
    """Changes rows of the fake."""

    def __init__(self, fake):
        self._fake = fake

    async def change(self, thing, values):
        for (_, id), access in self._fake.access.items():
            if id == thing.id:
                access.update(values)
        for rows in self._fake.tables.values():
            for row in rows.values():
                if row["id"] == thing.id.rpartition("/")[2]:
                    row.update(values)

    async def delete(self, thing):
        self._fake.access = {key: v for key, v in self._fake.access.items() if key[1] != thing.id}
        for rows in self._fake.tables.values():
            rows.pop(thing.id.rpartition("/")[2], None)
        team, _, member = thing.id.partition("/")
        if team in self._fake.tables["teams"] and member:
            self._fake.tables["teams"][team]["memberships"] = []


def run(test, url=API_URL, **settings):
    """Run a coroutine function with a fresh fake and a bench on it."""

    async def with_bench():
        fake = FakeCloud()
        bench = await build_bench(url, transport=fake.transport, apiKey="key", **settings)
        await test(fake, bench)

    asyncio.run(with_bench())


@pytest.mark.parametrize("kind", KINDS)
def test_round_of_a_kind(kind):
    """A kind is created, changed by each input, imported, repaired and deleted without flapping."""
    case = load_case(f"cloud/{kind}")

    async def round_(fake, bench):
        await Round(bench, case, "unit", HandsOnCloud(fake), fake).run()

    run(round_, **case.get("settings", {}))


@pytest.mark.parametrize("kind", KINDS)
def test_server_of_ones_own_has_none_of_them(kind):
    """On any other API the check says where the kind is, before a request is sent."""

    async def check():
        fake = FakePrefect()
        bench = await build_bench("http://prefect.example/api", transport=fake.transport)
        case = load_case(f"cloud/{kind}")
        failures = await bench.failures(case["type"], case["inputs"])

        assert "is only in Prefect Cloud" in failures[""]
        assert fake.requests == []

    asyncio.run(check())


def test_first_workspace_needs_no_workspace():
    """A provider of an account makes workspaces, and tells the URL for a provider of one."""

    async def create(fake, bench):
        inputs = load_case("cloud/workspace")["inputs"]
        made = await bench.create("prefect:cloud:Workspace", inputs)
        with pytest.raises(ProviderError, match="needs a workspace: set workspaceId"):
            await bench.create("prefect:cloud:Webhook", {"name": "h", "template": "t"})

        account = "https://api.prefect.cloud/api/accounts/acme"
        assert made.outputs["apiUrl"] == f"{account}/workspaces/{made.id}"

    run(create, "https://api.prefect.cloud/api", accountId="acme")


def test_account_may_be_said_by_the_resource():
    """A resource's own account goes before the provider's, and one of the two is needed."""

    async def create(fake, bench):
        with pytest.raises(ProviderError, match="needs an account: set accountId"):
            await bench.create("prefect:cloud:Team", {"name": "a"}, "first")
        made = await bench.create("prefect:cloud:Team", {"name": "a", "accountId": "acme"})

        assert made.id in fake.tables["teams"]

    run(create, "https://api.prefect.cloud/api")


def test_endpoint_of_a_webhook_is_secret():
    """Whoever knows the URL of a webhook may post: it is never shown."""

    async def create(fake, bench):
        made = await bench.create("prefect:cloud:Webhook", {"name": "h", "template": "t"})

        assert made.outputs["endpoint"] == Secret("https://api.prefect.cloud/hooks/slug-of-h")

    run(create)


def test_key_is_a_secret_output_that_stays():
    """A key is told once: it is encrypted, and a refresh keeps what nobody tells again."""

    async def create(fake, bench):
        made = await bench.create(ACCOUNT, {"name": "robot"})
        refreshed = await bench.refresh(made)
        imported = await bench.import_(ACCOUNT, "robot")

        key = fake.tables["bots"][made.id]["api_key"]
        assert made.outputs["apiKey"] == refreshed.outputs["apiKey"] == Secret(key["key"])
        assert imported.outputs["apiKey"] is None

    run(create)


def test_keepers_make_a_new_key():
    """Another keeper makes a new key of the same account, and the preview says so."""

    async def update(fake, bench):
        values = {"name": "robot", "oldKeyExpiresInSeconds": 60}
        made = await bench.create(ACCOUNT, values)
        wanted = {**values, "apiKeyKeepers": {"month": "may"}}
        news = await bench.check(made.urn, wanted)
        preview = await bench.provider.update(
            UpdateRequest(made.id, made.urn, made.inputs, made.outputs, news, preview=True)
        )
        renamed = await bench.provider.update(
            UpdateRequest(
                made.id,
                made.urn,
                made.inputs,
                made.outputs,
                {**made.inputs, "name": "x"},
                preview=True,
            )
        )
        changed = await bench.update(made, wanted)

        assert preview["apiKey"] == Secret(UNKNOWN)
        assert renamed["apiKey"] == made.outputs["apiKey"] != changed.outputs["apiKey"]
        assert fake.writes[-1][1:] == (
            f"/bots/{made.id}/rotate_api_key",
            {"api_key_expiration": None, "old_key_expires_in_seconds": 60},
        )

    run(update)


def test_key_made_elsewhere_is_told():
    """A key that somebody else has made anew is a warning with the way to get one."""

    async def refresh(fake, bench):
        made = await bench.create(ACCOUNT, {"name": "robot"})
        fake.tables["bots"][made.id]["api_key"] = {"id": "other", "expiration": None}
        refreshed = await bench.refresh(made)

        assert refreshed.outputs == made.outputs
        assert "change apiKeyKeepers" in bench.messages[-1][2]

    run(refresh)


def test_lost_key_is_made_anew():
    """An account whose creation was not answered has a key that nobody knows: it gets another."""

    async def create(fake, bench):
        def lose(request):
            if request.method == "POST" and request.url.path.endswith("/bots/"):
                fake.faults = lambda request: None
                fake._serve("POST", ["bots"], {"name": "robot"})
                raise httpx.ReadError("gone", request=request)

        fake.faults = lose
        made = await bench.create(ACCOUNT, {"name": "robot"})

        ((id, row),) = fake.tables["bots"].items()
        assert made.id == id
        assert made.outputs["apiKey"] == Secret(row["api_key"]["key"])

    run(create)


def test_role_has_to_exist():
    """An account role is given by its name, and a wrong one is told."""

    async def create(fake, bench):
        made = await bench.create(ACCOUNT, {"name": "a", "accountRoleName": "Admin"}, "first")
        with pytest.raises(ProviderError, match="there is no account role 'Boss'"):
            await bench.create(ACCOUNT, {"name": "b", "accountRoleName": "Boss"}, "second")

        assert fake.tables["bots"][made.id]["account_role_name"] == "Admin"
        (_, _, body) = fake.writes[0]
        assert body == {"name": "a", "account_role_id": fake.role("Admin")}

    run(create)


def test_existing_account_is_not_taken_over():
    """One of this name is named with the way to import it; where asked it is taken with a key."""

    async def create(fake, bench):
        made = await bench.create(ACCOUNT, {"name": "robot"}, "first")

        with pytest.raises(ProviderError, match=f"exists already: import it as {made.id}"):
            await bench.create(ACCOUNT, {"name": "robot"}, "second")
        found = await bench.provider.find_created(made.urn, made.inputs)
        assert found.id == made.id

    async def adopt(fake, bench):
        made = await bench.create(ACCOUNT, {"name": "robot"}, "first")
        taken = await bench.create(ACCOUNT, {"name": "robot"}, "second")

        assert taken.id == made.id
        assert taken.outputs["apiKey"] != made.outputs["apiKey"]

    run(create)
    run(adopt, adopt="always")


def test_agreements_are_applied_whole():
    """All agreements of a resource go in one request, and deleting applies none."""

    async def lifecycle(fake, bench):
        values = {"resourceId": "prefect.deployment.1", "slas": [TIME]}
        made = await bench.create(SLA, values)
        first = fake.slas["prefect.deployment.1"]
        fresh = {"name": "fresh", "within": 60, "expectedEvent": "x", "severity": "low"}
        changed = await bench.update(made, {**values, "slas": [TIME, fresh]})
        second = fake.slas["prefect.deployment.1"]
        refreshed = await bench.refresh(changed)
        await bench.delete(changed)

        assert first == [{"severity": "high", "enabled": True, "name": "in time", "duration": 60}]
        assert second[1]["expected_event"] == "x"
        assert refreshed.inputs == changed.inputs
        assert fake.slas["prefect.deployment.1"] == []
        with pytest.raises(ProviderError, match="no way to read agreements"):
            await bench.import_(SLA, "prefect.deployment.1")

    run(lifecycle)


def test_deleted_access_lets_everybody():
    """Who may do what is gone when everybody may do everything, as it was in the beginning."""

    async def delete(fake, bench):
        made = await bench.create("prefect:cloud:WorkPoolAccess", {"workPoolName": "p"})
        await bench.delete(made)

        everybody = [{"id": "*", "type": "user"}]
        levels = ("manage_actors", "run_actors", "view_actors")
        assert fake.access == {("work_pools", "p"): dict.fromkeys(levels, everybody)}

    run(delete)


@pytest.mark.parametrize(
    ("sla", "property", "reason"),
    [
        (1, "slas[0]", "an object"),
        ({"duration": 1}, "slas[0].name", "is required"),
        ({"name": "x"}, "slas[0]", "exactly one of duration"),
        ({**TIME, "within": 1}, "slas[0]", "exactly one of duration"),
        ({**TIME, "severity": "awful"}, "slas[0].severity", "one of minor"),
        ({**TIME, "severity": ["low"]}, "slas[0].severity", "one of minor"),
        ({**TIME, "enabeld": True}, "slas[0].enabeld", "did you mean 'enabled'?"),
    ],
)
def test_agreement_that_will_not_do(sla, property, reason):
    """Agreements are refused by path, as the API cannot be tried beforehand."""

    async def check(fake, bench):
        failures = await bench.failures(SLA, {"resourceId": "r", "slas": [sla]})

        assert failures.keys() == {property}
        assert reason in failures[property]

    run(check)


@pytest.mark.parametrize(
    ("type", "id", "reason"),
    [
        ("WorkspaceAccess", "robot/1", "TYPE/ACCESS_UUID"),
        ("TeamAccess", "1/2", "TEAM_UUID/MEMBER_UUID/ACTOR_UUID"),
    ],
)
def test_import_ids_have_a_form(type, id, reason):
    """An id of another form is told the right one."""

    async def import_(fake, bench):
        with pytest.raises(ProviderError, match=reason):
            await bench.import_(f"prefect:cloud:{type}", id)

    run(import_)


def test_old_key_is_valid_for_two_days_at_most():
    """The API takes no longer time."""

    async def check(fake, bench):
        failures = await bench.failures(ACCOUNT, {"name": "a", "oldKeyExpiresInSeconds": 172_801})

        assert "between 0 and 172800" in failures["oldKeyExpiresInSeconds"]

    run(check)
