import pytest

from meta_prefect.interfaces.provider import ProviderError
from tests.unit.provider.handlers.test_block_document import BLOCK, VALUES, make_type
from tests.unit.provider.test_provider import run

TYPE = "prefect:index:BlockType"


def test_old_type_with_another_slug_is_noticed():
    """The server answers a known name with the old type; it is not taken for the new one."""

    async def create(fake, bench):
        await bench.create(TYPE, {"name": "Vault", "slug": "vault"}, "first")

        with pytest.raises(ProviderError, match="'Vault' with slug 'vault' exists already"):
            await bench.create(TYPE, {"name": "Vault", "slug": "other"}, "second")

    run(create, adopt="always")


def test_slug_of_another_type_is_noticed():
    """A slug that belongs to a type of another name cannot be taken over: names do not change."""

    async def create(fake, bench):
        await bench.create(TYPE, {"name": "Vault", "slug": "vault"}, "first")

        with pytest.raises(ProviderError, match="one type for each name and slug"):
            await bench.create(TYPE, {"name": "Other", "slug": "vault"}, "second")

    run(create, adopt="always")


def test_type_with_blocks_is_not_deleted():
    """A type is kept while there are blocks of it, anonymous ones too: they would go along."""

    async def delete(fake, bench):
        await make_type(bench)
        type = await bench.import_(TYPE, "vault")
        block = await bench.create(BLOCK, {"blockTypeSlug": VALUES["blockTypeSlug"]})
        with pytest.raises(ProviderError, match="has 1 blocks"):
            await bench.delete(type)
        await bench.delete(block)
        await bench.delete(type)

        assert fake.block_types == {}

    run(delete)
