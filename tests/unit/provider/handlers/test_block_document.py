import json

import httpx
import pytest

from meta_prefect.interfaces.provider import CheckRequest, ProviderError
from meta_prefect.interfaces.values import UNKNOWN, Secret
from tests.support.provider_bench import build_bench, urn_of
from tests.unit.provider.test_provider import run

BLOCK = "prefect:index:BlockDocument"
FIELDS = {
    "title": "Vault",
    "secret_fields": ["token", "headers.*"],
    "properties": {"url": {"type": "string"}, "token": {}, "headers": {}},
}
VALUES = {"blockTypeSlug": "vault", "name": "one"}


async def make_type(bench, **schema):
    """Make the block type and its schema."""
    type = await bench.create("prefect:index:BlockType", {"name": "Vault", "slug": "vault"}, "type")
    values = {"blockTypeId": type.id, "fields": FIELDS, **schema}
    return await bench.create("prefect:index:BlockSchema", values, "schema")


def test_secrets_are_those_of_the_schema():
    """Leaves that the schema calls secret have an envelope in inputs, state and after a read."""

    async def create(fake, bench):
        await make_type(bench)
        data = {"url": "here", "token": "hush", "headers": {"a": "quiet"}}
        made = await bench.create(BLOCK, {**VALUES, "data": data})
        imported = await bench.import_(BLOCK, "vault/one")
        fake.block_documents[made.id]["data"]["token"] = "by hand"
        refreshed = await bench.refresh(made)

        closed = {"url": "here", "token": Secret("hush"), "headers": Secret({"a": "quiet"})}
        assert made.inputs["data"] == made.outputs["data"] == closed
        assert imported.inputs["data"] == imported.outputs["data"] == closed
        assert refreshed.inputs["data"]["token"] == Secret("by hand")

    run(create)


def test_all_is_secret_when_the_schema_is_not_known():
    """Without an API, or a schema that comes later, no leaf of the data is in the clear."""

    async def check(fake, bench):
        urn, data = urn_of(BLOCK, "it"), {"url": "here", "token": "hush"}
        offline = await build_bench("", apiUrl=UNKNOWN)
        values = {**VALUES, "data": data}
        without_url = await offline.check(urn, values)
        later = await bench.check(urn, {**values, "blockSchemaId": UNKNOWN})

        assert without_url["data"] == later["data"] == Secret(data)
        assert fake.requests == []

    run(check)


def test_api_that_is_away_does_not_stop_a_check():
    """A server that this operation starts again is not there for the check: all is secret."""

    async def check(fake, bench):
        def refuse(request):
            raise httpx.ConnectError("nobody there", request=request)

        fake.faults = refuse
        checked = await bench.check(urn_of(BLOCK, "it"), {**VALUES, "data": {"token": "hush"}})

        assert checked["data"] == Secret({"token": "hush"})

    run(check, retries=0)


@pytest.mark.parametrize(
    ("values", "property", "reason"),
    [
        ({"blockTypeSlug": "vualt"}, "blockTypeSlug", "did you mean 'vault'?"),
        ({"blockTypeSlug": "x"}, "blockTypeSlug", "needs the blockSchemaId of its schema"),
        ({"schemaVersion": "7"}, "schemaVersion", "no schema of version '7'"),
        ({"blockSchemaId": "7"}, "blockSchemaId", "does not exist"),
        ({"data": {"tokn": 1}}, "data.tokn", "did you mean 'token'?"),
        ({"data": {"url": 1}}, "data.url", "type must be string"),
    ],
)
def test_check_asks_the_schema(values, property, reason):
    """What will not load in a flow is refused before the server stores it."""

    async def check(fake, bench):
        await make_type(bench)
        failures = await bench.failures(BLOCK, {**VALUES, **values})

        assert failures.keys() == {property}
        assert reason in failures[property]

    run(check)


def test_schema_is_asked_for_once():
    """A hundred blocks of one type cost two questions."""

    async def check(fake, bench):
        await make_type(bench)
        await bench.failures(BLOCK, VALUES)
        asked = len(fake.requests)
        for _ in range(100):
            await bench.failures(BLOCK, VALUES)

        assert len(fake.requests) == asked

    run(check)


def test_default_schema_is_the_highest_and_stays():
    """A block without a version takes the highest one, and a later one is not drift."""

    async def create(fake, bench):
        schema = await make_type(bench, version="1.0")
        made = await bench.create(BLOCK, {**VALUES, "data": {"url": "x"}})
        newer = {"blockTypeId": schema.inputs["blockTypeId"], "fields": FIELDS, "version": "2.0"}
        await bench.create("prefect:index:BlockSchema", newer, "newer")
        changed = await bench.update(made, {**VALUES, "data": {"url": "y"}})

        row = fake.block_documents[changed.id]
        assert row["block_schema_id"] == schema.id
        assert row["data"] == {"url": "y"}

    run(create)


def test_anonymous_block():
    """A block without a name is made as an anonymous one, and found by its id."""

    async def create(fake, bench):
        await make_type(bench)
        made = await bench.create(BLOCK, {"blockTypeSlug": "vault", "data": {"url": "x"}})
        refreshed = await bench.refresh(made)

        assert fake.block_documents[made.id]["is_anonymous"] is True
        assert "name" not in refreshed.inputs
        assert await bench.provider.find_created(made.urn, made.inputs) is None

    run(create)


def test_existing_block_is_not_taken_over():
    """A block of this type and name is named with the way to import it; nothing is changed."""

    async def create(fake, bench):
        await make_type(bench)
        made = await bench.create(BLOCK, {**VALUES, "data": {"url": "x"}}, "first")
        with pytest.raises(ProviderError, match="exists already: import it as vault/one"):
            await bench.create(BLOCK, {**VALUES, "data": {"url": "y"}}, "second")

        assert fake.block_documents[made.id]["data"] == {"url": "x"}

    run(create)


def test_existing_block_is_taken_over_where_asked():
    """With `adopt` a block of this name gets our data, and the key that was there goes."""

    async def create(fake, bench):
        await make_type(bench)
        made = await bench.create(BLOCK, {**VALUES, "data": {"url": "x"}}, "first")
        taken = await bench.create(BLOCK, {**VALUES, "data": {"token": "y"}}, "second")

        assert taken.id == made.id
        assert fake.block_documents[made.id]["data"] == {"token": "y"}

    run(create, adopt="always")


def test_lost_create_is_found():
    """A create whose answer was lost is looked for by type and name."""

    async def create(fake, bench):
        await make_type(bench)
        made = await bench.create(BLOCK, {**VALUES, "data": {"url": "x"}})
        found = await bench.provider.find_created(made.urn, made.inputs)
        other = {**made.inputs, "name": "other"}
        missed = await bench.provider.find_created(made.urn, other)

        assert (found.id, missed.id) == (made.id, "")

    run(create)


def test_block_that_deployments_load_is_not_deleted():
    """A storage block that a deployment loads stays, as the server deletes both; unless forced."""

    async def delete(fake, bench):
        await make_type(bench, capabilities=["get-directory"])
        made = await bench.create(BLOCK, {**VALUES, "data": {"url": "x"}})
        deployment = await bench.create(
            "prefect:index:Deployment",
            {"name": "nightly", "flowName": "f", "storageDocumentId": made.id},
        )
        with pytest.raises(ProviderError, match=r"loaded by 1 deployments.*nightly.*forceDelete"):
            await bench.delete(made)
        kept = deployment.id in fake.deployments
        forced = await bench.update(made, {**VALUES, "data": {"url": "x"}, "forceDelete": True})
        await bench.delete(forced)

        assert kept
        assert fake.block_documents == {}

    run(delete)


def test_hidden_secrets_are_no_drift():
    """Stars from a server that hides secrets count as what is stored, with a warning."""

    async def refresh(fake, bench):
        await make_type(bench)
        made = await bench.create(BLOCK, {**VALUES, "data": {"token": "hush"}})
        row = fake._show(fake.block_documents[made.id], include_secrets=False)
        fake.faults = lambda request: httpx.Response(200, json=[row])
        refreshed = await bench.refresh(made)

        assert refreshed.inputs == made.inputs
        assert "may not see the block's secrets" in bench.messages[-1][2]

    run(refresh)


def test_no_secret_in_words():
    """Neither the reasons of a check nor an error of the server repeats a secret."""

    async def create(fake, bench):
        await make_type(bench)
        checked = await bench.provider.check(
            CheckRequest(urn_of(BLOCK, "x"), {}, {**VALUES, "data": {"url": ["hush"], "hsh": 1}})
        )
        detail = [{"loc": ["body", "data"], "msg": "is bad", "input": {"token": "hush"}}]
        fake.faults = lambda request: (
            httpx.Response(422, json={"exception_detail": detail})
            if request.url.path.endswith("/block_documents/")
            else None
        )
        with pytest.raises(ProviderError) as caught:
            await bench.create(BLOCK, {**VALUES, "data": {"token": "hush"}})

        assert "is bad" in str(caught.value)
        assert "hush" not in json.dumps([str(caught.value), *map(str, checked.failures)])

    run(create)


def test_schema_of_the_same_operation_is_seen():
    """A schema that was made after a check is the highest one when the block is made."""

    async def create(fake, bench):
        schema = await make_type(bench, version="1.0")
        await bench.failures(BLOCK, VALUES)
        newer = {"blockTypeId": schema.inputs["blockTypeId"], "fields": FIELDS, "version": "2.0"}
        second = await bench.create("prefect:index:BlockSchema", newer, "newer")
        made = await bench.create(BLOCK, VALUES)

        assert fake.block_documents[made.id]["block_schema_id"] == second.id

    run(create)


def test_schema_may_be_said_twice():
    """What an import prints says schema and version; the two have to agree."""

    async def check(fake, bench):
        schema = await make_type(bench, version="1.0")
        both = {**VALUES, "blockSchemaId": schema.id, "schemaVersion": "1.0"}

        assert await bench.failures(BLOCK, both) == {}
        assert await bench.failures(BLOCK, {**both, "schemaVersion": "2.0"}) == {
            "schemaVersion": "is not that of blockSchemaId: 1.0"
        }

    run(check)
