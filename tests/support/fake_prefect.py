"""
A Prefect server in memory, as far as the provider's handlers use one.

Answers like 3.8.8 does, odd parts included. Flows, work pools, work queues and deployments are
here, the other kinds in modules of their own. It passes the same rounds as a real server
(`tests/e2e/provider`), so that it may stand for one.
"""

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.support.fake_automations import FakeAutomations
from tests.support.fake_blocks import FakeBlocks
from tests.support.fake_limits import FakeLimits, FakeVariables
from tests.support.fake_rows import CREATED, Refused, build_id, only, page_of, row_of

_POOL_DEFAULTS = {
    "description": None,
    "is_paused": False,
    "concurrency_limit": None,
    "storage_configuration": {},
}
_EMPTY_SCHEMA = {"type": "object", "properties": {}}
_DEPLOYMENT_DEFAULTS = {
    "entrypoint": None,
    "path": None,
    "pull_steps": [],
    "parameters": {},
    "parameter_openapi_schema": {},
    "enforce_parameter_schema": True,
    "work_pool_name": None,
    "work_queue_name": None,
    "job_variables": {},
    "paused": False,
    "tags": [],
    "version": None,
    "description": None,
    "storage_document_id": None,
    "concurrency_options": None,
    "global_concurrency_limit": None,
}


class FakePrefect(FakeVariables, FakeLimits, FakeBlocks, FakeAutomations):
    """
    Holds the rows and answers requests.

    requests: (method, path, body) of all that were sent, the version check left out.
    faults: called with each request before it is served; may give an answer or raise.
    runs: number of runs by flow id.
    """

    def __init__(self):
        self.flows: dict[str, dict[str, Any]] = {}
        self.pools: dict[str, dict[str, Any]] = {}
        self.queues: dict[str, dict[str, Any]] = {}
        self.deployments: dict[str, dict[str, Any]] = {}
        self.variables: dict[str, dict[str, Any]] = {}
        self.limits: dict[str, dict[str, Any]] = {}
        self.tag_limits: dict[str, dict[str, Any]] = {}
        self.block_types: dict[str, dict[str, Any]] = {}
        self.block_schemas: dict[str, dict[str, Any]] = {}
        self.block_documents: dict[str, dict[str, Any]] = {}
        self.automations: dict[str, dict[str, Any]] = {}
        self.query: dict[str, str] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.faults: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.runs: dict[str, int] = {}

    @property
    def transport(self):
        """What a client takes in place of the network."""
        return httpx.MockTransport(self._answer)

    @property
    def writes(self):
        """The requests that change something."""
        return [
            (method, path, body)
            for method, path, body in self.requests
            if method != "GET" and not path.endswith(("/filter", "/count"))
        ]

    async def _answer(self, request):
        body = json.loads(request.content) if request.content else None
        path = request.url.path.removeprefix("/api")
        if path == "/admin/version":
            return httpx.Response(200, json="3.8.8")
        self.requests.append((request.method, path, body))
        self.query = dict(request.url.params)
        answer = self.faults(request)
        return self._serve(request.method, path, body) if answer is None else answer

    def _serve(self, method, path, body):
        parts = [part for part in path.split("/") if part]
        try:
            status, answer = getattr(self, f"_{parts[0]}")(method, parts[1:], body)
        except Refused as refused:
            return httpx.Response(refused.status, json={"detail": refused.detail})
        return httpx.Response(status, json=answer) if answer is not None else httpx.Response(status)

    def _collections(self, method, parts, body):
        del method, parts, body
        return 200, {}

    def _flow_runs(self, method, parts, body):
        del method, parts
        return 200, sum(self.runs.get(id, 0) for id in body["flows"]["id"]["any_"])

    def _flows(self, method, parts, body):
        match method, parts:
            case "POST", []:
                return self._make_flow(body)
            case "POST", ["filter"]:
                return 200, page_of(self.flows.values(), body, "flows")
            case "GET", ["name", name]:
                return 200, only([row for row in self.flows.values() if row["name"] == name])
            case "PATCH", [id]:
                row_of(self.flows, id).update(body)
                return 204, None
            case "DELETE", [id]:
                row_of(self.flows, id)
                del self.flows[id]
                self.deployments = {
                    key: row for key, row in self.deployments.items() if row["flow_id"] != id
                }
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _make_flow(self, body):
        found = [row for row in self.flows.values() if row["name"] == body["name"]]
        if found:
            return 200, found[0]
        row = {"id": build_id(), "created": CREATED, "tags": [], "labels": {}, **body}
        self.flows[row["id"]] = row
        return 201, row

    def _work_pools(self, method, parts, body):
        match method, parts:
            case "POST", []:
                return self._make_pool(body)
            case "POST", ["filter"]:
                return 200, page_of(self.pools.values(), body, "work_pools")
            case _, [name, "queues", *rest]:
                return self._pool_queues(method, row_of(self.pools, name), rest, body)
            case "GET", [name]:
                return 200, row_of(self.pools, name)
            case "PATCH", [name]:
                row_of(self.pools, name).update(body)
                return 204, None
            case "DELETE", [name]:
                self._delete_pool(name)
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _make_pool(self, body):
        if body["name"] in self.pools:
            raise Refused(409, "A work pool with this name already exists.")
        row = {"id": build_id(), "created": CREATED, **_POOL_DEFAULTS, **body}
        self.pools[row["name"]] = row
        queue = self._make_queue(row, {"name": "default", "priority": 1})
        row["default_queue_id"] = queue["id"]
        return 201, row

    def _delete_pool(self, name):
        pool = row_of(self.pools, name)
        del self.pools[name]
        self.queues = {
            id: row for id, row in self.queues.items() if row["work_pool_id"] != pool["id"]
        }
        for row in self.deployments.values():
            if row["work_pool_name"] == name:
                row.update(work_pool_name=None, work_queue_name=None)

    def _pool_queues(self, method, pool, parts, body):
        queues = {
            row["name"]: row for row in self.queues.values() if row["work_pool_id"] == pool["id"]
        }
        match method, parts:
            case "POST", []:
                if body["name"] in queues:
                    raise Refused(409, "A work queue with name {name!r} already exists.")
                return 201, self._make_queue(pool, body)
            case "POST", ["filter"]:
                return 200, list(queues.values())
            case "GET", [name]:
                return 200, row_of(queues, name)
            case "PATCH", [name]:
                row = row_of(queues, name)
                if "priority" in body:
                    self._rank(row, body["priority"])
                row.update(body)
                return 204, None
            case "DELETE", [name]:
                if name == "default":
                    raise Refused(500, "Internal Server Error")
                del self.queues[row_of(queues, name)["id"]]
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _make_queue(self, pool, body):
        row = {"description": "", "is_paused": False, "concurrency_limit": None, **body}
        row |= {"id": build_id(), "created": CREATED}
        row |= {"work_pool_id": pool["id"], "work_pool_name": pool["name"]}
        taken = {
            other["priority"]
            for other in self.queues.values()
            if other["work_pool_id"] == pool["id"]
        }
        wanted = row.setdefault("priority", max(taken, default=0) + 1)
        self.queues[row["id"]] = row
        self._rank(row, wanted)
        return row

    def _rank(self, row, priority):
        """Give a queue a priority, and move the others that have it one down."""
        others = {
            other["priority"]: other
            for other in self.queues.values()
            if other["work_pool_id"] == row["work_pool_id"] and other is not row
        }
        row["priority"], moved = priority, others.get(priority)
        while moved is not None:
            moved["priority"] += 1
            moved = others.get(moved["priority"])

    def _work_queues(self, method, parts, body):
        if (method, parts) != ("POST", ["filter"]):
            raise Refused(405, "Method Not Allowed")
        wanted = body["work_queues"]["id"]["any_"]
        return 200, [row for row in self.queues.values() if row["id"] in wanted]

    def _deployments(self, method, parts, body):
        match method, parts:
            case "POST", []:
                return self._write_deployment(body)
            case "POST", ["filter"]:
                return 200, [_shown(row) for row in self._matching(body)]
            case "POST", ["count"]:
                return 200, len(self._matching(body))
            case "GET", ["name", flow, name]:
                rows = [
                    row
                    for row in self.deployments.values()
                    if row["name"] == name and self.flows[row["flow_id"]]["name"] == flow
                ]
                return 200, _shown(only(rows))
            case _, [id, "schedules", *rest]:
                return self._schedules(method, row_of(self.deployments, id), rest, body)
            case "PATCH", [id]:
                self._change_deployment(row_of(self.deployments, id), body)
                return 204, None
            case "DELETE", [id]:
                row_of(self.deployments, id)
                del self.deployments[id]
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _matching(self, body):
        rows = list(self.deployments.values())
        ids = {
            "flows": lambda row, wanted: row["flow_id"] in wanted["id"]["any_"],
            "work_pools": lambda row, wanted: row["work_pool_name"] in wanted["name"]["any_"],
            "deployments": lambda row, wanted: all(
                row[key] in rule["any_"] for key, rule in wanted.items()
            ),
        }
        for key, fits in ids.items():
            if key in body:
                rows = [row for row in rows if fits(row, body[key])]
        return rows

    def _write_deployment(self, body):
        if body["flow_id"] not in self.flows:
            raise Refused(409, "Error creating deployment: a foreign key is not there.")
        if body.get("work_pool_name") and body["work_pool_name"] not in self.pools:
            raise Refused(404, f'Work pool "{body["work_pool_name"]}" not found.')
        key = (body["flow_id"], body["name"])
        found = [r for r in self.deployments.values() if (r["flow_id"], r["name"]) == key]
        row = found[0] if found else {"id": build_id(), "created": CREATED, **_DEPLOYMENT_DEFAULTS}
        schedules = body.get("schedules", [])
        flow = self.flows[body["flow_id"]]
        labels = {**flow["labels"], "prefect.flow.id": flow["id"]}
        labels |= body.get("labels", {})
        self.deployments[row["id"]] = row
        self._change_deployment(row, {**body, "labels": None} | {"labels": labels}, is_post=True)
        row["schedules"] = [_schedule({**s, "max_scheduled_runs": None}) for s in schedules]
        return (200 if found else 201), _shown(row)

    def _change_deployment(self, row, body, *, is_post=False):
        if not is_post and "labels" in body:
            raise Refused(422, "labels: Extra inputs are not permitted")
        values = {key: value for key, value in body.items() if key != "schedules"}
        if "concurrency_limit" in values:
            _limit(row, values.pop("concurrency_limit"))
        if "global_concurrency_limit_id" in values:
            id = values.pop("global_concurrency_limit_id")
            row["global_concurrency_limit"] = id and {"id": id, "name": "shared", "limit": 7}
        if values.get("work_pool_name") and not values.get("work_queue_name"):
            values["work_queue_name"] = "default"
        if values.get("job_variables", {}) is None:
            del values["job_variables"]
        row.update(values)
        row["parameter_openapi_schema"] = row["parameter_openapi_schema"] or _EMPTY_SCHEMA
        row["work_queue_id"] = next(
            (
                queue["id"]
                for queue in self.queues.values()
                if (queue["work_pool_name"], queue["name"])
                == (row["work_pool_name"], row["work_queue_name"])
            ),
            None,
        )

    def _schedules(self, method, deployment, parts, body):
        rows = deployment["schedules"]
        match method, parts:
            case "POST", []:
                made = [_schedule(item) for item in body]
                rows[:0] = made
                return 201, made
            case "PATCH", [id]:
                row = only([row for row in rows if row["id"] == id])
                row.update({"parameters": {}} | _known(body))
                return 204, None
            case "DELETE", [id]:
                rows.remove(only([row for row in rows if row["id"] == id]))
                return 204, None
        raise Refused(405, "Method Not Allowed")


def _known(body):
    return {key: value for key, value in body.items() if value is not None}


def _schedule(body):
    row = {"active": True, "parameters": {}, "max_scheduled_runs": None, **body}
    return {"id": build_id(), **row}


def _shown(row):
    # The newest schedule comes first, and a limit of one's own is no field of the row.
    return {**row, "schedules": row["schedules"][::-1], "concurrency_limit": None}


def _limit(row, limit):
    name = f"deployment:{row['id']}"
    row["global_concurrency_limit"] = limit and {"id": build_id(), "name": name, "limit": limit}
