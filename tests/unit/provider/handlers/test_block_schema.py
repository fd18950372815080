import pytest

from meta_prefect.interfaces.provider import Changes, ProviderError
from tests.unit.provider.handlers.test_block_document import BLOCK, FIELDS, VALUES, make_type
from tests.unit.provider.test_provider import run

SCHEMA = "prefect:index:BlockSchema"


@pytest.mark.parametrize(
    ("values", "different"),
    [
        ({"capabilities": ["read"]}, "capabilities"),
        ({"fields": {**FIELDS, "secret_fields": []}}, "fields"),
    ],
)
def test_similar_schema_is_noticed(values, different):
    """The server tells schemas apart by checksum and version only; ours would be lost silently."""

    async def create(fake, bench):
        made = await make_type(bench)
        wanted = {"blockTypeId": made.inputs["blockTypeId"], "fields": FIELDS, **values}

        with pytest.raises(ProviderError, match=f"other {different}.*another version"):
            await bench.create(SCHEMA, wanted, "second")

    run(create, adopt="always")


def test_same_schema_is_taken_over_only_where_asked():
    """A schema that is there is named with the way to import it."""

    async def create(fake, bench):
        made = await make_type(bench)
        wanted = {"blockTypeId": made.inputs["blockTypeId"], "fields": FIELDS}

        with pytest.raises(ProviderError, match=f"import it as {made.id}"):
            await bench.create(SCHEMA, wanted, "second")
        assert (await bench.provider.find_created(made.urn, made.inputs)).id == made.id

    run(create)


def test_definitions_of_other_blocks_are_the_servers():
    """The server fills in its own definitions of the blocks that a schema refers to: no drift."""

    async def refresh(fake, bench):
        made = await make_type(bench)
        own = {"Mine": {"type": "object"}}
        fields = {**FIELDS, "definitions": {**own, "Secret": {"block_type_slug": "secret"}}}
        values = {**made.inputs, "fields": fields, "version": "2"}
        second = await bench.create(SCHEMA, values, "second")
        filled = {"block_type_slug": "secret", "title": "Secret"}
        row = fake.block_schemas[second.id]
        row["fields"] = {**row["fields"], "definitions": {**own, "Secret": filled}}
        refreshed = await bench.refresh(second)

        assert (await bench.diff(refreshed, values)).changes is Changes.NONE

    run(refresh)


def test_schema_with_blocks_is_not_deleted():
    """A schema is kept while there are blocks of it: they would go along."""

    async def delete(fake, bench):
        made = await make_type(bench)
        await bench.create(BLOCK, VALUES)

        with pytest.raises(ProviderError, match="has 1 blocks"):
            await bench.delete(made)

    run(delete)
