"""What people do to a real Prefect server's objects by hand, behind the provider's back."""

from tests.support.by_hand import connect_async

ROUTES = {
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
"""Where an object of a kind is; by the name of the kind's case."""


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
        return ROUTES[self._kind].format(id=thing.id, pool=pool)
