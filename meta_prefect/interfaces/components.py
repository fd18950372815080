"""
Requirement records: what a builder says its flow needs.

A record is a frozen value; equal records are one thing, declared once and shared by every flow that
requires it. `components.catalogue` turns records into Pulumi components. A team may add records of
its own (any frozen, hashable dataclass) together with a component for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

EnvironmentVariables: TypeAlias = tuple[tuple[str, str], ...]
KUBERNETES_VERSION: Final = "1.35"  # of new clusters: in Amazon's standard support until March 2027


@dataclass(frozen=True, slots=True)
class Existing:
    """A thing that is there already and is used, never changed or deleted; made by `existing`."""

    name: str


def existing(name: str) -> Existing:
    """Name a thing that somebody else manages, in place of one that the stack makes."""
    return Existing(name)


@dataclass(frozen=True, slots=True)
class Network:
    """
    A network in AWS of the stack's own.

    cidr: its addresses, a block from /16 to /20.
    zones: in how many it is; a cluster needs two.
    nat: the way out: one for all zones, one each, none.
    """

    name: str = "main"
    cidr: str = "10.64.0.0/16"
    zones: int = 2
    nat: Literal["single", "per_zone", "none"] = "single"


@dataclass(frozen=True, slots=True)
class ExistingNetwork:
    """
    A network in AWS of somebody else.

    private_subnet_ids: where nodes and tasks run.
    """

    vpc_id: str
    private_subnet_ids: tuple[str, ...]
    public_subnet_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """
    A Kubernetes cluster of the stack's own, in Amazon EKS.

    version: of Kubernetes; one more at a time, never back.
    admins: ARNs of roles and users, beside the one who makes it.
    public_cidrs: from where its API is reached.
    identity: how pods get roles of AWS.
    """

    name: str = "main"
    version: str = KUBERNETES_VERSION
    network: Network | ExistingNetwork = Network()
    admins: tuple[str, ...] = ()
    public_cidrs: tuple[str, ...] = ("0.0.0.0/0",)
    identity: Literal["pod-identity", "irsa"] = "pod-identity"


@dataclass(frozen=True, slots=True)
class ExistingCluster:
    """
    A Kubernetes cluster of somebody else.

    name: what the project calls it.
    eks_name: its name in Amazon EKS; empty: it is reached by a kubeconfig.
    kubeconfig: a path; empty: the one of kubectl.
    context: in the kubeconfig; empty: the current one.
    identity: as `Cluster.identity`, in EKS.
    network: in which node groups of the stack start, in EKS.
    """

    name: str
    eks_name: str = ""
    kubeconfig: str = ""
    context: str = ""
    identity: Literal["pod-identity", "irsa"] = "pod-identity"
    network: ExistingNetwork | None = None


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """
    Machines of a cluster in Amazon EKS that are alike; flows choose them by the name.

    instance_types: several for spot, so that one of them can be had.
    min_size, max_size: how many there are at least and at most; none at all while nothing runs
        takes an autoscaler, which `eks` brings into a new cluster.
    spot: cheaper, and taken away when Amazon wants to.
    gpu: with NVIDIA's drivers; other pods are kept away.
    disk_gib: of each machine.
    labels: of the nodes, beside our own.
    taints: by key, what keeps pods away that do not tolerate it.
    """

    name: str = "main"
    cluster: Cluster | ExistingCluster = Cluster()
    instance_types: tuple[str, ...] = ("m6i.large",)
    min_size: int = 1
    max_size: int = 3
    spot: bool = False
    gpu: bool = False
    disk_gib: int = 50
    labels: EnvironmentVariables = ()
    taints: EnvironmentVariables = ()


@dataclass(frozen=True, slots=True)
class ClusterAddons:
    """What a new cluster can only run once it has nodes: names of services, and metrics."""

    nodes: NodeGroup = NodeGroup()


@dataclass(frozen=True, slots=True)
class ClusterAutoscaler:
    """
    What starts machines for runs that wait, and stops those that nobody needs, in a new cluster.

    nodes: on which it runs itself.
    """

    nodes: NodeGroup = NodeGroup()


@dataclass(frozen=True, slots=True)
class Namespace:
    """
    A namespace of a cluster.

    name: as `WorkerPool.name`.
    nodes: on which our own programs inside run, of a cluster that the stack makes; None: the
        cluster has some.
    """

    name: str | Existing = "flows"
    cluster: Cluster | ExistingCluster = Cluster()
    nodes: NodeGroup | None = None


@dataclass(frozen=True, slots=True)
class EcsCluster:
    """
    A cluster of Amazon ECS on Fargate, of the stack's own.

    spot: tasks that say nothing else are cheaper, and ended when Amazon wants to.
    """

    name: str = "main"
    network: Network | ExistingNetwork = Network()
    spot: bool = False


@dataclass(frozen=True, slots=True)
class Bucket:
    """
    An S3 bucket.

    name: as `WorkerPool.name`.
    data: what becomes of it when it is not needed any more; `delete` needs an `up` before that.
    kms_key_arn: of the key that encrypts it; empty: the one of S3.
    """

    name: str | Existing
    data: Literal["keep", "delete"] = "keep"
    kms_key_arn: str = ""


@dataclass(frozen=True, slots=True)
class CodeBucket:
    """An S3 bucket into which `up` puts the code of flows that no builder says a place for."""

    name: str = "code"


@dataclass(frozen=True, slots=True)
class Registry:
    """
    A repository of images in Amazon ECR.

    name: as `WorkerPool.name`; of an existing one its address, wherever it is.
    """

    name: str | Existing = "flows"


@dataclass(frozen=True, slots=True)
class FlowImage:
    """
    An image of the project's files, made at `up`.

    dockerfile: below the project's root; empty: one is written for it.
    platform: for which machines, as Docker names them.
    """

    registry: Registry = Registry()
    dockerfile: str = ""
    platform: str = "linux/amd64"


@dataclass(frozen=True, slots=True)
class ResultStorage:
    """
    A block of Prefect that keeps results in a bucket.

    name: of the block; the one in Prefect carries the stack.
    path: below which results are kept.
    region: empty: the one in which a run is.
    """

    name: str
    bucket: Bucket
    path: str = ""
    region: str = ""

    def name_in(self, stack: str) -> str:
        """Name the block in Prefect: two stacks share a workspace."""
        return f"{self.name}-{stack}" if stack else self.name


@dataclass(frozen=True, slots=True)
class WorkerPool:
    """
    A work pool. The name is that of the first README; Prefect calls it a work pool.

    name: what the project calls it; the name in Prefect is made from project, stack and this.
        Empty: the project's default pool of this type. `existing(...)`: a pool of somebody else.
    type: as in Prefect: `process`, `kubernetes`, `docker`, `ecs`, ...
    concurrency_limit: flow runs at once; None means no limit.
    description: shown in Prefect's UI.
    place: where the stack makes its runs start; None: its workers know.
    """

    name: str | Existing = ""
    type: str = "process"
    concurrency_limit: int | None = None
    description: str = ""
    place: Namespace | EcsCluster | None = None


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """
    A queue of a pool: a lane with a priority and a limit of its own.

    name: as in Prefect; in a pool of somebody else it gets project and stack in front.
    pool: the pool that it is part of.
    priority: 1 is first; None: the next one that is free.
    concurrency_limit: flow runs at once; None means no limit.
    description: shown in Prefect's UI.
    """

    name: str
    pool: WorkerPool = WorkerPool()
    priority: int | None = None
    concurrency_limit: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """
    A limit that several deployments share.

    name: as `WorkerPool.name`.
    runs: at once, in all of them together; of a limit of somebody else it says nothing.
    """

    name: str | Existing
    runs: int = 0


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """A value that is read where `up` is typed, and is a secret of the stack; no file holds it."""

    variable: str


BlockValue: TypeAlias = str | int | float | bool | tuple[str, ...] | FromEnvironment


@dataclass(frozen=True, slots=True)
class Block:
    """
    A block: a document of a type that Prefect knows.

    type: its slug in Prefect, such as `slack-webhook`.
    name: as `WorkerPool.name`.
    values: by field; of an existing one they say nothing.
    """

    type: str
    name: str | Existing
    values: tuple[tuple[str, BlockValue], ...] = ()


@dataclass(frozen=True, slots=True)
class Worker:
    """
    A worker for a pool, kept running by the stack: a background process on this machine.

    pool: the pool whose runs it starts.
    name: as `WorkerPool.name`; empty: one worker, named after its pool.
    limit: flow runs at once in this worker; None means no limit.
    env: environment variables for the worker and the runs that it starts.
    """

    pool: WorkerPool = WorkerPool()
    name: str = ""
    limit: int | None = None
    env: EnvironmentVariables = ()


@dataclass(frozen=True, slots=True)
class KubernetesWorker:
    """
    A worker in a cluster, for a pool whose place is a namespace.

    name: as `Worker.name`.
    image: empty: Prefect's, in the version that declares it.
    replicas: several are safe.
    limit: flow runs at once in each of them; None means no limit.
    """

    pool: WorkerPool
    name: str = ""
    image: str = ""
    replicas: int = 1
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class DaskOperator:
    """The operator that makes Dask clusters in a namespace, and runs there itself."""

    namespace: Namespace


@dataclass(frozen=True, slots=True)
class EcsWorker:
    """
    A worker on Fargate, for a pool whose place is an ECS cluster.

    name: as `Worker.name`.
    image: empty: Prefect's, in the version that declares it.
    """

    pool: WorkerPool
    name: str = ""
    image: str = ""
