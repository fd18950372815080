"""
What is not made anew in passing: things that others live in, which would go with them.

Pure, and free of Pulumi. Only says which types these are; that an operation stops before one of
them is replaced is `project.replacing`. Not to be confused with what is kept on destroy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# By type: what is lost when such a thing is replaced.
PRECIOUS: Final[Mapping[str, str]] = {
    "aws:ec2/vpc:Vpc": "everything in the network",
    "aws:ecs/cluster:Cluster": "everything that runs in the cluster",
    "aws:eks/cluster:Cluster": "everything that runs in the cluster",
    "aws:rds/cluster:Cluster": "the database with its data",
    "aws:rds/instance:Instance": "the database with its data",
    "kubernetes:apps/v1:StatefulSet": "the pods that hold its data",
    "kubernetes:core/v1:Namespace": "everything in the namespace",
    "kubernetes:core/v1:PersistentVolumeClaim": "the data on the volume",
    "prefect:index:WorkPool": "the pool's queues, and with them what waits for a worker",
}
