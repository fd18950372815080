"""The flow of the reference stack: in a cluster that a team has already, whatever it is."""

import os

from prefect import flow, task

from meta_prefect.implementations.code import code_image
from meta_prefect.implementations.infra import eks
from meta_prefect.implementations.task_runner import dask_k8s
from meta_prefect.interfaces.components import ExistingCluster

CLUSTER = ExistingCluster("team", kubeconfig=os.environ.get("KUBECONFIG", ""))


@task
def double(number: int) -> int:
    """Give twice a number."""
    return 2 * number


@code_image("/opt/flows")
@eks(cpu=0.5, memory=1, image="registry.example.com/flows:1", cluster=CLUSTER)
@dask_k8s(num_workers=2)
@flow
def doubles(up_to: int = 10) -> int:
    """Add doubles, each in a task on Dask."""
    return sum(double.map(range(up_to)).result())
