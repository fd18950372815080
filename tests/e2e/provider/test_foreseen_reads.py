"""A refresh of many objects, on a real server."""

from collections import Counter

import httpx
import pytest

from meta_prefect.interfaces.engine import OperationKind
from meta_prefect.provider import sdk
from meta_prefect.provider.provider import PrefectProvider
from tests.support.by_hand import connect
from tests.support.prefect_stack import PrefectStack

pytestmark = pytest.mark.e2e

COUNT = 40


class _Counting(httpx.AsyncHTTPTransport):
    """A network that counts answers by path, without those of a server that is busy."""

    def __init__(self):
        super().__init__()
        self.paths = Counter()

    async def handle_async_request(self, request):
        response = await super().handle_async_request(request)
        if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            self.paths[request.url.path.removeprefix("/api")] += 1
        return response


class _CountedStack(PrefectStack):
    """A stack that says which requests its last operation has sent."""

    async def _connect(self, log):
        self.network = _Counting()
        return PrefectProvider(
            log, environment={"PREFECT_HOME": "/nonexistent"}, transport=self.network
        )


def _declare(opts):
    for at in range(COUNT):
        flow = sdk.Flow(f"flow-{at}", name=f"e2e-foreseen-{at}", opts=opts)
        sdk.Deployment(f"d-{at}", name="d", flow_id=flow.id, version="1", opts=opts)
    for at in range(3):
        sdk.Variable(f"variable-{at}", name=f"e2e_foreseen_{at}", value=at, opts=opts)


def test_a_refresh_asks_once_and_sees_what_was_done_by_hand(prefect_server, tmp_path):
    """Forty flows with a deployment each are read by two requests, and drift is still found."""
    stack = _CountedStack(tmp_path, prefect_server.url)
    stack.succeed(OperationKind.UP, _declare)
    stored = stack.stored
    with connect(prefect_server.url) as http:
        by_hand = {"version": "by hand"}
        http.patch(f"/deployments/{stored['d-1'].id}", json=by_hand).raise_for_status()
        http.delete(f"/deployments/{stored['d-2'].id}").raise_for_status()
        variable = f"/variables/{stored['variable-0'].id}"
        http.patch(variable, json={"value": "by hand"}).raise_for_status()

    changed = stack.succeed(OperationKind.REFRESH)
    asked = dict(stack.network.paths)
    refreshed = stack.stored
    stack.succeed(OperationKind.DESTROY)

    reads = {"/deployments/filter": 1, "/flows/filter": 1, "/variables/filter": 1}
    assert changed == {"update": 2, "delete": 1}
    assert {path: count for path, count in asked.items() if path != "/admin/version"} == reads
    assert refreshed["d-1"].inputs["version"] == "by hand"
    assert "d-2" not in refreshed
