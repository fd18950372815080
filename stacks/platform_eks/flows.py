"""The flows of the reference stack: they say what they need, and share what is equal."""

from prefect import flow, task

from meta_prefect.implementations.code import code_image
from meta_prefect.implementations.deployments import compose
from meta_prefect.implementations.filesystem import S3Filesystem
from meta_prefect.implementations.infra import eks
from meta_prefect.implementations.task_runner import dask_k8s
from meta_prefect.interfaces.components import Cluster, NodeGroup

IMAGE = "registry.example.com/flows:1"
CLUSTER = Cluster("main", version="1.35")
RUNS = NodeGroup("runs", CLUSTER, ("m6i.xlarge", "m5.xlarge"), max_size=5, spot=True)

on_platform = compose(
    eks(cpu=0.8, memory=1.5, image=IMAGE, cluster=CLUSTER, node_group=RUNS),
    code_image("/opt/flows"),
)


@task
def square(number: int) -> int:
    """Give the square of a number."""
    return number * number


@on_platform
@dask_k8s(min_workers=1, max_workers=5, cpu=1, memory=2, node_group="runs")
@flow(result_storage=S3Filesystem(type="s3", bucket="results", path="squares"))
def squares(up_to: int = 10) -> int:
    """Add squares, each in a task on Dask."""
    return sum(square.map(range(up_to)).result())


@on_platform
@flow(result_storage=S3Filesystem(type="s3", bucket="results", path="letters"))
def letters(text: str = "hello") -> int:
    """Count the letters of a text."""
    return len(text)
