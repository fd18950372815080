import asyncio

import pytest

from tests.support.hands_on_server import ROUTES, HandsOnServer
from tests.support.plugin_bench import plugin_bench
from tests.support.provider_bench import build_bench
from tests.support.rounds import Round, load_case

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("kind", sorted(ROUTES))
def test_round_of_a_kind(prefect_server, kind):
    """A real server is created on, changed by each input, imported from, repaired and cleared."""

    async def round_():
        bench = await build_bench(prefect_server.url)
        hands = HandsOnServer(prefect_server.url, kind)
        prefix = f"e2e-{kind.replace('_', '-')}"
        await Round(bench, load_case(kind), prefix, hands).run()
        await bench.provider.close()

    asyncio.run(round_())


@pytest.mark.parametrize("kind", sorted(ROUTES))
def test_round_through_the_plugin(prefect_server, kind, tmp_path):
    """The executable does the same: what travels over the wire comes back as it was."""

    async def round_():
        async with plugin_bench(prefect_server.url, tmp_path) as bench:
            hands = HandsOnServer(prefect_server.url, kind)
            await Round(bench, load_case(kind), f"plugin-{kind.replace('_', '-')}", hands).run()

    asyncio.run(round_())
