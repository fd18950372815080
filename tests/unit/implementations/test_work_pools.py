"""Work pools and workers of a deployment's own choice."""

import pytest

from meta_prefect.components.planned_deployment import plan_deployment
from meta_prefect.implementations.code import code_image
from meta_prefect.implementations.deployer import local_deployer
from meta_prefect.implementations.deployments import compose
from meta_prefect.implementations.infra import eks, process
from meta_prefect.implementations.work_pools import work_pool, worker
from meta_prefect.interfaces.blueprint import AppliedBuilder, Blueprint
from meta_prefect.interfaces.components import Worker, WorkerPool, existing
from meta_prefect.interfaces.deployment import ImageCode, LocalCode
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.unit.implementations.specs import BASE


def plan(*builders):
    """Give what a deployment with these builders would be, the first one innermost."""
    blueprint = Blueprint(tuple(AppliedBuilder(item) for item in compose(*builders).builders))
    return plan_deployment(BASE, blueprint)


def test_a_pool_of_ones_own():
    """The pool is required, and a process pool finds the code where it lies."""
    pool = WorkerPool("small", "process", 2, "For tests.")

    planned = plan(work_pool("small", limit=2, description="For tests."))

    assert planned.needs == {pool}
    assert (planned.spec.work_pool, planned.spec.code) == (pool, LocalCode())


def test_a_pool_in_place_of_a_deployers():
    """An outer pool wins over the deployer's, whose pool and worker are not needed any more."""
    theirs = WorkerPool(existing("shared"), "kubernetes")

    local = plan(local_deployer(), work_pool("small"))
    cluster = plan(code_image("/opt"), eks(cpu=1), work_pool(existing("shared"), type="kubernetes"))

    assert local.needs == {WorkerPool("small")}
    assert cluster.needs == {theirs}
    assert (cluster.spec.work_pool, cluster.spec.code) == (theirs, ImageCode("/opt"))
    assert cluster.spec.job_variables["cpu_request"] == "1000m"
    assert plan(process(), work_pool()).needs == {WorkerPool(), Worker(WorkerPool())}


def test_sizes_of_another_type_of_pool_are_refused():
    """The message names both builders, in either order."""
    with pytest.raises(MetaPrefectError, match=r'eks and work_pool\(type="process"\)'):
        plan(code_image("/opt"), eks(cpu=1), work_pool())
    with pytest.raises(MetaPrefectError, match="work_pool and eks both say"):
        plan(code_image("/opt"), work_pool(), eks(cpu=1))


def test_a_worker_in_place_of_a_deployers():
    """It is one of the pool that the deployment ends up in; a named one comes beside."""
    pool = WorkerPool(existing("shared"))
    env = (("A", "1"),)

    assert plan(local_deployer(), worker(limit=2, env={"A": "1"})).needs == {
        WorkerPool(),
        Worker(WorkerPool(), limit=2, env=env),
    }
    assert plan(worker(), work_pool(existing("shared"))).needs == {pool, Worker(pool)}
    assert plan(process(), worker("second")).needs == {
        WorkerPool(),
        Worker(WorkerPool()),
        Worker(WorkerPool(), "second"),
    }


@pytest.mark.parametrize(
    ("builders", "why"),
    [
        ([worker()], "no builder of the deployment chooses one"),
        ([code_image("/opt"), eks(cpu=1), worker()], "a worker of this machine"),
    ],
)
def test_a_worker_needs_a_process_pool(builders, why):
    """Without a pool, or for runs in containers, nothing is started here."""
    with pytest.raises(MetaPrefectError, match="MP2108") as caught:
        plan(*builders)

    assert why in caught.value.diagnostic.why


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: work_pool(type=" "), r"work_pool\(type"),
        (lambda: work_pool(limit=0), r"work_pool\(limit=0\)"),
        (lambda: work_pool(existing("a"), limit=1), r"work_pool\(existing"),
        (lambda: worker(limit=0), r"worker\(limit=0\)"),
        (lambda: worker(env={"a b": "1"}), "worker: 'a b'"),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, message):
    """The message names the builder and the value."""
    with pytest.raises(ValueError, match=message):
        make()
