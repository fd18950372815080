"""The finished deployment: code, packages and queue, and what cannot be one."""

from dataclasses import replace
from importlib.metadata import version

import pytest

from meta_prefect.components.planned_deployment import (
    build_job_variables,
    build_pull_steps,
    plan_deployment,
)
from meta_prefect.interfaces.blueprint import Blueprint
from meta_prefect.interfaces.components import (
    Cluster,
    ExistingCluster,
    Namespace,
    NodeGroup,
    WorkerPool,
    WorkQueue,
)
from meta_prefect.interfaces.deployment import (
    BucketCode,
    DeploymentSpec,
    FlowSource,
    GitCode,
    ImageCode,
    InstalledCode,
    LocalCode,
)
from meta_prefect.interfaces.diagnostics import MetaPrefectError

SPEC = DeploymentSpec("my-flow", "dev", FlowSource("/project", "flows/f.py", "my_flow", 3))
ON_POOL = replace(SPEC, work_pool=WorkerPool())
IN_CONTAINER = replace(SPEC, work_pool=WorkerPool(type="kubernetes"), code=ImageCode("/opt"))
SET_FOLDER = "prefect.deployments.steps.set_working_directory"


def test_a_pool_without_code_is_refused():
    """A pool whose workers cannot find the code is an error that names the flow's line."""
    with pytest.raises(MetaPrefectError, match="MP2104") as caught:
        build_pull_steps(ON_POOL)

    assert caught.value.diagnostic.where == "flows/f.py line 3"
    assert build_pull_steps(SPEC) == []
    assert build_pull_steps(replace(ON_POOL, code=InstalledCode())) == []
    assert build_pull_steps(replace(ON_POOL, pull_steps=({"s": {}},))) == [{"s": {}}]


@pytest.mark.parametrize(
    ("code", "step"),
    [
        (LocalCode(), {SET_FOLDER: {"directory": "/project"}}),
        (LocalCode("/other"), {SET_FOLDER: {"directory": "/other"}}),
        (ImageCode("/opt/flow"), {SET_FOLDER: {"directory": "/opt/flow"}}),
        (
            GitCode("https://git/r", "main", "c0ffee", "github-credentials/bot", submodules=True),
            {
                "prefect.deployments.steps.git_clone": {
                    "repository": "https://git/r",
                    "branch": "main",
                    "commit_sha": "c0ffee",
                    "credentials": "{{ prefect.blocks.github-credentials.bot }}",
                    "include_submodules": True,
                }
            },
        ),
        (
            BucketCode("b", "f", "me"),
            {
                "prefect_aws.deployments.steps.pull_from_s3": {
                    "requires": "prefect-aws",
                    "bucket": "b",
                    "folder": "f",
                    "credentials": "{{ prefect.blocks.aws-credentials.me }}",
                }
            },
        ),
    ],
)
def test_code_becomes_the_first_pull_step(code, step):
    """Each place of code is one of Prefect's steps, before the steps of one's own."""
    own = {"mine": {}}

    assert build_pull_steps(replace(ON_POOL, code=code, pull_steps=(own,))) == [step, own]


def test_packages_are_installed_where_a_container_starts():
    """They go to the variable that Prefect's images read; elsewhere they are refused."""
    spec = replace(IN_CONTAINER, packages=("a", "b==1"), job_variables={"env": {"X": "1"}})

    assert build_job_variables(spec) == {"env": {"X": "1", "EXTRA_PIP_PACKAGES": "a b==1"}}
    assert build_job_variables(IN_CONTAINER) == {}
    with pytest.raises(MetaPrefectError, match="MP2109"):
        build_job_variables(replace(ON_POOL, packages=("a",)))


def test_a_queue_belongs_to_the_pool_that_was_chosen():
    """The queue to make is one of the deployment's pool, and a need of it; so is the pool."""
    spec = replace(IN_CONTAINER, work_queue=WorkQueue("fast", priority=1))

    planned = plan_deployment(spec, Blueprint())

    pool = WorkerPool(type="kubernetes")
    assert planned.needs == {pool, WorkQueue("fast", pool, priority=1)}
    with pytest.raises(MetaPrefectError, match="MP2108"):
        plan_deployment(replace(SPEC, work_queue="fast"), Blueprint())


def test_a_flow_file_that_is_fetched_finds_what_it_imports():
    """Prefect's own image lacks this package; one of the team's, or a pool of others, has it."""
    place = Namespace("flows", ExistingCluster("lab"))
    spec = replace(
        SPEC,
        work_pool=WorkerPool(type="kubernetes", place=place),
        code=GitCode("https://git/r"),
        packages=("pandas",),
    )

    def plan(**more):
        return plan_deployment(replace(spec, **more), Blueprint()).spec.packages

    own = f"=={version('meta-prefect')}"
    assert plan() == (f"meta-prefect{own}", "pandas")
    assert plan(uses_dask=True) == (f"meta-prefect[dask]{own}", "prefect-aws", "pandas")
    assert plan(code=ImageCode("/opt")) == ("pandas",)
    assert plan(job_variables={"image": "team/flows:1"}) == ("pandas",)
    assert plan(work_pool=WorkerPool(type="kubernetes")) == ("pandas",)


def test_runs_with_dask_know_which_variables_were_meant_for_them():
    """Our own say where the run is, which its tasks are not."""
    env = {"REGION": "x", "LEVEL": "y", "META_PREFECT_IMAGE": "i"}
    spec = replace(IN_CONTAINER, job_variables={"env": env})

    def plan(**more):
        return plan_deployment(replace(spec, **more), Blueprint()).spec.job_variables.get("env")

    assert plan(uses_dask=True) == {**env, "META_PREFECT_DASK_ENV": "LEVEL,REGION"}
    assert plan() == env
    assert plan(uses_dask=True, job_variables={}) is None


def test_nodes_of_dask_are_in_the_cluster_of_the_runs():
    """A group in another one would bring up that cluster for nothing but Dask's workers."""
    place = Namespace("flows", Cluster("prod"))
    spec = replace(IN_CONTAINER, work_pool=WorkerPool(type="kubernetes", place=place))
    there, here = NodeGroup("dask"), NodeGroup("dask", Cluster("prod"))

    with pytest.raises(MetaPrefectError, match="MP2106"):
        plan_deployment(replace(spec, dask_nodes=there), Blueprint())

    assert here in plan_deployment(replace(spec, dask_nodes=here), Blueprint()).needs


def test_a_place_is_chosen_once():
    """A second choice is an error that names both builders."""
    placed = SPEC.placed_on(WorkerPool(), "eks")

    with pytest.raises(MetaPrefectError, match="eks and docker both say where my-flow runs"):
        placed.placed_on(WorkerPool(type="docker"), "docker")


def test_schedules_add_up_unless_their_slugs_meet():
    """Two schedules are two; one slug twice is an error."""
    spec = SPEC.with_schedule({"cron": "@daily"}).with_schedule({"cron": "@hourly", "slug": "a"})

    assert [item["cron"] for item in spec.schedules] == ["@daily", "@hourly"]
    with pytest.raises(MetaPrefectError, match="the slug a"):
        spec.with_schedule({"interval": 5, "slug": "a"})
