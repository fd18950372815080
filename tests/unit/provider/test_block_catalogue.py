import asyncio

import httpx
import pytest

from meta_prefect.provider.answers import ApiError
from meta_prefect.provider.block_catalogue import BlockCatalogue, count_documents
from tests.support.fake_rows import build_row
from tests.unit.provider.handlers.test_block_document import make_type
from tests.unit.provider.test_provider import run


def test_many_questions_are_one():
    """Questions about one type are asked once, whether they come together or later."""

    async def ask(fake, bench):
        await make_type(bench)
        catalogue = BlockCatalogue(bench.provider._ready().client)
        fake.requests.clear()
        found = await asyncio.gather(*(catalogue.find_schemas("vault") for _ in range(5)))
        found.append(await catalogue.find_schemas("vault"))

        assert [len(rows) for rows in found] == [1] * 6
        assert len(fake.requests) == 2

    run(ask)


def test_what_is_not_there_is_asked_again():
    """A type that was missing may have been made since."""

    async def ask(fake, bench):
        catalogue = BlockCatalogue(bench.provider._ready().client)
        before = await catalogue.find_type("vault")
        await make_type(bench)

        assert before is None
        assert (await catalogue.find_type("vault"))["slug"] == "vault"
        assert await catalogue.list_slugs() == ["vault"]

    run(ask)


def test_failure_is_not_kept():
    """A question that failed is asked again."""

    async def ask(fake, bench):
        schema = await make_type(bench)
        catalogue = BlockCatalogue(bench.provider._ready().client)
        fake.faults = lambda request: httpx.Response(500)
        with pytest.raises(ApiError):
            await catalogue.find_schema(schema.id)
        fake.faults = lambda request: None

        assert (await catalogue.find_schema(schema.id))["id"] == schema.id

    run(ask)


def test_anonymous_blocks_count():
    """A count has anonymous blocks in it: they go with their type, too."""

    async def ask(fake, bench):
        for is_anonymous in (True, False):
            build_row(fake.block_documents, {"is_anonymous": is_anonymous, "block_type_id": "1"})
        criterion = {"block_documents": {"block_type_id": {"any_": ["1"]}}}

        assert await count_documents(bench.provider._ready().client, criterion) == 2

    run(ask)
