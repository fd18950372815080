import asyncio

import pytest

from tests.support.by_hand import connect_async
from tests.support.plugin_bench import plugin_bench
from tests.support.provider_bench import build_bench
from tests.support.rounds import Round, load_case

pytestmark = pytest.mark.e2e

_ROUTES = {
    "flow": "/flows/{id}",
    "work_pool": "/work_pools/{id}",
    "work_queue": "/work_pools/{pool}/queues/fast",
    "deployment": "/deployments/{id}",
    "variable": "/variables/{id}",
    "global_concurrency_limit": "/v2/concurrency_limits/{id}",
    "deployment_schedule": "/deployments/{id}",
    "automation": "/automations/{id}",
    "block_type": "/block_types/{id}",
    "block_schema": "/block_schemas/{id}",
    "block_document": "/block_documents/{id}",
    "tag_concurrency_limit": "/concurrency_limits/tag/{id}",
}


class HandsOnServer:
    """Changes a real server's objects without the provider."""

    def __init__(self, url, kind):
        self._http = connect_async(url)
        self._kind = kind

    async def change(self, thing, values):
        path = await self._path(thing)
        match self._kind:
            case "tag_concurrency_limit":
                body = {"tag": thing.id, **values}
                response = await self._http.post("/concurrency_limits/", json=body)
            case _:
                response = await self._http.patch(path, json=values)
        response.raise_for_status()

    async def delete(self, thing):
        (await self._http.delete(await self._path(thing))).raise_for_status()

    async def _path(self, thing):
        if self._kind == "deployment_schedule":
            deployment, _, slug = thing.id.partition("/")
            route = f"/deployments/{deployment}/schedules"
            rows = (await self._http.get(route)).json()
            return f"{route}/{next(row['id'] for row in rows if row['slug'] == slug)}"
        pool = thing.inputs.get("workPoolName")
        return _ROUTES[self._kind].format(id=thing.id, pool=pool)


@pytest.mark.parametrize("kind", sorted(_ROUTES))
def test_round_of_a_kind(prefect_server, kind):
    """A real server is created on, changed by each input, imported from, repaired and cleared."""

    async def round_():
        bench = await build_bench(prefect_server.url)
        hands = HandsOnServer(prefect_server.url, kind)
        prefix = f"e2e-{kind.replace('_', '-')}"
        await Round(bench, load_case(kind), prefix, hands).run()
        await bench.provider.close()

    asyncio.run(round_())


@pytest.mark.parametrize("kind", sorted(_ROUTES))
def test_round_through_the_plugin(prefect_server, kind, tmp_path):
    """The executable does the same: what travels over the wire comes back as it was."""

    async def round_():
        async with plugin_bench(prefect_server.url, tmp_path) as bench:
            hands = HandsOnServer(prefect_server.url, kind)
            await Round(bench, load_case(kind), f"plugin-{kind.replace('_', '-')}", hands).run()

    asyncio.run(round_())
