"""A hundred flows through a connection that spoils one call in five."""

import pulumi
import pytest

from meta_prefect.interfaces.engine import OperationKind, Outcome
from meta_prefect.provider import sdk
from tests.support.by_hand import connect
from tests.support.fault_proxy import Fault, fault_proxy
from tests.support.prefect_stack import PrefectStack

pytestmark = pytest.mark.e2e

FLOWS = 100
POOL = "faults-pool"
PATIENCE_SECONDS = 2.0
MOST_ATTEMPTS = 2


def declare(version):
    """Build a program: a pool, a queue, and a hundred flows with a deployment each."""

    def program(opts):
        pool = sdk.WorkPool("pool", name=POOL, type="process", opts=opts)
        queue = sdk.WorkQueue("queue", name="fast", work_pool_name=pool.name, priority=1, opts=opts)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[queue]))
        for at in range(FLOWS):
            flow = sdk.Flow(f"flow{at}", name=f"faults-flow-{at}", tags=["faults"], opts=opts)
            sdk.Deployment(
                f"deployment{at}",
                name="main",
                flow_id=flow.id,
                work_pool_name=pool.name,
                work_queue_name=queue.name,
                version=version,
                schedules=[{"slug": "hourly", "interval": 3600, "active": False}],
                opts=opts,
            )
        sdk.Variable("variable", name="faults_variable", value=version, opts=opts)

    return program


class Server:
    """What is on the server of ours, asked without the proxy."""

    def __init__(self, url):
        self._http = connect(url)

    def rows(self, kind, prefix):
        """All rows of a kind whose name begins with a prefix."""
        found = []
        while page := self._http.post(
            f"/{kind}/filter", json={"limit": 200, "offset": len(found)}
        ).json():
            found += page
        return [row for row in found if row["name"].startswith(prefix)]

    @property
    def flows(self):
        return {row["id"]: row["name"] for row in self.rows("flows", "faults-")}

    @property
    def deployments(self):
        return [row for row in self.rows("deployments", "main") if row["work_pool_name"] == POOL]


def converge(stack, kind, program=None):
    """Run an operation until it succeeds, twice at most; gives how often it ran."""
    for attempt in range(1, MOST_ATTEMPTS + 1):
        if kind is OperationKind.UP:
            result = stack.up(program, continue_on_error=True)
        else:
            result = stack.run(kind, continue_on_error=True)
        if result.outcome is Outcome.SUCCEEDED:
            return attempt
    raise AssertionError(result.diagnostics)


def test_a_hundred_flows_converge(prefect_server, tmp_path):
    """Up, update, refresh and destroy end as on a sound connection: nothing doubled or lost."""
    server = Server(prefect_server.url)
    with fault_proxy(prefect_server.url, seed=6) as proxy:
        stack = PrefectStack(tmp_path, proxy.url, request_timeout=PATIENCE_SECONDS)

        converge(stack, OperationKind.UP, declare("1"))
        made = {row["id"] for row in server.deployments}
        assert len(server.flows) == len(set(server.flows.values())) == FLOWS
        assert {row["flow_id"] for row in server.deployments} == server.flows.keys()
        assert len(made) == FLOWS
        assert {len(row["schedules"]) for row in server.deployments} == {1}
        assert {state.id for state in stack.stored.values()} >= made

        converge(stack, OperationKind.UP, declare("2"))
        assert {row["version"] for row in server.deployments} == {"2"}
        assert {row["id"] for row in server.deployments} == made

        converge(stack, OperationKind.REFRESH)
        assert stack.steps == []
        assert stack.succeed(OperationKind.UP, declare("2")) == {}

        converge(stack, OperationKind.DESTROY)
        assert server.deployments == []
        assert server.flows == {}
        assert server.rows("work_pools", POOL) == []
        assert stack.stored == {}

    assert set(proxy.plan.met) == set(Fault)
