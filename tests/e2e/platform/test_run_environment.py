"""A run of a platform where only Prefect, this package and what a run needs is installed."""

import os
import subprocess
import textwrap

import pytest

from tests.support.bare_environment import build_environment
from tests.support.by_hand import connect

pytest_plugins = ["tests.support.aws.world"]
pytestmark = pytest.mark.e2e

_SECONDS = 180
_FLOW = """
from helpers import add
from prefect import flow, task

from meta_prefect.implementations.filesystem import S3Filesystem
from meta_prefect.implementations.infra import eks
from meta_prefect.implementations.metadata import tags_resolver, versioneer
from meta_prefect.implementations.task_runner import dask_k8s

flow = versioneer()(tags_resolver())(flow)


@task
def double(number):
    return add(number, number)


@eks(cpu=0.8, memory=1.5)
@dask_k8s(num_workers=1)
@flow(result_storage=S3Filesystem(type="s3", bucket="my-bucket", path="my-path"))
def complex_flow(x: int, y: int) -> int:
    return sum(double.map([x, y]).result())
"""
_BLOCK = """
from prefect_aws import AwsCredentials, S3Bucket

place = {"bucket_name": "my-bucket", "bucket_folder": "my-path"}
S3Bucket(**place, credentials=AwsCredentials()).save("results")
"""
_BARE = ("prefect",)
_WITH_DASK_AND_S3 = ("prefect", "prefect-dask", "prefect-aws")
_ABSENT = ("pulumi", "pulumi_aws", "pulumi_kubernetes", "grpc", "pytest")


@pytest.fixture
def project(tmp_path):
    """The code of a run, with a module beside the flow's file."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "helpers.py").write_text("def add(first, second):\n    return first + second\n")
    (folder / "complex_flow.py").write_text(_FLOW)
    return folder


@pytest.fixture
def api(prefect_server):
    with connect(prefect_server.url) as client:
        yield client


def start(python, words, folder, environment):
    """Run Python of an environment, which sees nothing of this one."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [python, *words],
        cwd=folder,
        env={**own, **environment},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def make_block(aws, run_python):
    """Make the bucket, and the block without keys that a stack makes for it; gives its name."""
    place = {"LocationConstraint": aws.environment["AWS_REGION"]}
    aws.client("s3").create_bucket(Bucket="my-bucket", CreateBucketConfiguration=place)
    said = run_python("-c", _BLOCK)
    assert said.returncode == 0, said.stderr
    return "s3-bucket/results"


def make_run(api, project):
    """Make a flow, a deployment and a run of it; gives the run's id."""
    flow = api.post("/flows/", json={"name": "complex-flow"}).raise_for_status().json()
    step = {"prefect.deployments.steps.set_working_directory": {"directory": str(project)}}
    body = {
        "name": "dev",
        "flow_id": flow["id"],
        "entrypoint": "complex_flow.py:complex_flow",
        "pull_steps": [step],
    }
    deployment = api.post("/deployments/", json=body).raise_for_status().json()
    path = f"/deployments/{deployment['id']}/create_flow_run"
    given = {"parameters": {"x": 1, "y": 2}, "state": {"type": "PENDING"}}
    return api.post(path, json=given).raise_for_status().json()["id"]


def test_a_flow_file_needs_prefect_and_this_package_only(project, tmp_path):
    """It is imported where neither Pulumi nor clouds nor Dask are installed."""
    python = build_environment(tmp_path / "bare", *_BARE)
    code = f"""
        from importlib.util import find_spec
        import complex_flow
        absent = {(*_ABSENT, "dask", "distributed", "boto3", "kubernetes")!r}
        print([name for name in absent if find_spec(name)], complex_flow.complex_flow.name)
    """

    said = start(python, ["-c", textwrap.dedent(code)], project, {})

    assert said.stdout.strip() == "[] complex-flow", said.stderr


def test_a_run_has_its_tasks_on_dask_and_its_results_in_the_bucket(
    project, tmp_path, prefect_server, api, aws
):
    """As a worker starts it, without Pulumi; results are where the stack's block says."""
    python = build_environment(tmp_path / "run", *_WITH_DASK_AND_S3)
    environment = {
        **aws.environment,
        "PREFECT_API_URL": prefect_server.url,
        "PREFECT_HOME": str(tmp_path / "home"),
    }
    block = make_block(aws, lambda *words: start(python, words, tmp_path, environment))
    run = make_run(api, project)

    given = {"PREFECT__FLOW_RUN_ID": run, "META_PREFECT_RESULT_BLOCK": block}
    words = ["-m", "prefect", "flow-run", "execute", run]
    said = start(python, words, tmp_path, {**environment, **given})
    state = api.get(f"/flow_runs/{run}").raise_for_status().json()["state_type"]
    kept = aws.client("s3").list_objects_v2(Bucket="my-bucket").get("Contents", [])

    assert state == "COMPLETED", said.stdout + said.stderr
    assert len(kept) == 3
    assert all(item["Key"].startswith("my-path/") for item in kept)
