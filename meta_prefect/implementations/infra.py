"""
Builders of infrastructure: where a deployment's runs happen, and how big they are.

Each chooses the work pool and sets variables of its base job template; a deployment has one of
them. All but `docker` also keep a worker running: on this machine, in a cluster, on Fargate. Units:
vCPU and GiB.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_env, check_json, check_positive
from meta_prefect.interfaces.components import (
    Cluster,
    ClusterAutoscaler,
    EcsCluster,
    EcsWorker,
    Existing,
    ExistingCluster,
    KubernetesWorker,
    Namespace,
    NodeGroup,
    Worker,
    WorkerPool,
)
from meta_prefect.interfaces.deployment import IMAGE_VARIABLE, DeploymentSpec, LocalCode
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

_NAMESPACE: Final = "flows"
NODE_GROUP_LABEL: Final = "meta-prefect.io/node-group"
_GPU_TOLERATION: Final = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
_PULL_POLICIES: Final = ("", "IfNotPresent", "Always", "Never")
_MILLI: Final = 1000
_MIB_PER_GIB: Final = 1024
_ECS_UNITS_PER_VCPU: Final = 1024
# Fargate's sizes: ECS CPU units to the GiB that go with them.
# Source: "Amazon ECS task definition parameters for Fargate", task size, 2026-01.
_FARGATE: Final[Mapping[int, Sequence[float]]] = {
    256: (0.5, 1, 2),
    512: tuple(range(1, 5)),
    1024: tuple(range(2, 9)),
    2048: tuple(range(4, 17)),
    4096: tuple(range(8, 31)),
    8192: tuple(range(16, 61, 4)),
    16384: tuple(range(32, 121, 8)),
}


class _Infrastructure(FlowBuilderInterface):
    """What the places have in common: a pool, job variables, environment variables."""

    def __init__(
        self, pool: WorkerPool, variables: Mapping[str, Any], env: Mapping[str, str] | None
    ) -> None:
        self._pool = pool
        self._variables = {
            key: value for key, value in variables.items() if value not in ("", None)
        }
        self._env = check_env(type(self).__name__, env)

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """The pool."""
        return {self._pool}

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Put the deployment on the pool, with its size and its environment."""
        placed = deployment.placed_on(self._pool, type(self).__name__)
        return placed.with_job_variables(self._variables).with_env(self._env)


class process(_Infrastructure):  # noqa: N801 - used as a decorator
    """
    Run on this machine: a process pool, and a worker that the stack keeps running.

        @process(env={"LOG_LEVEL": "debug"}, working_dir="/data", limit=2)
        @flow
        def my_flow() -> None: ...

    `local_deployer` is this one with tags and a version.
    """

    @checked
    def __init__(
        self,
        *,
        env: Mapping[str, str] | None = None,
        working_dir: str = "",
        pool: str | Existing = "",
        limit: int | None = None,
    ) -> None:
        """
        Choose where the flow runs.

        env: of the runs of this deployment.
        working_dir: folder in which runs start; empty: a fresh one for each.
        pool: empty: the project's default pool; a name: a pool of its own; `existing(...)`: a pool
            that somebody else manages, with its own workers.
        limit: flow runs at once on this machine; None means no limit.

        Raises:
            TypeError: a variable is no text.
            ValueError: a value is not allowed.
        """
        check_positive(type(self).__name__, limit=limit)
        super().__init__(WorkerPool(name=pool), {"working_dir": working_dir}, env)
        self._limit = limit

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """A pool, and a worker for it unless the pool is somebody else's."""
        if isinstance(self._pool.name, Existing):
            return {self._pool}
        return {self._pool, Worker(pool=self._pool, limit=self._limit)}

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Put the deployment on the pool, with the code where it lies unless a builder said so."""
        return super().update_deployment(deployment).with_default_code(LocalCode())


class eks(_Infrastructure):  # noqa: N801 - used as a decorator
    """
    Run each flow run as a Job of a Kubernetes cluster.

        @code_image("/opt/flows")
        @eks(cpu=0.8, memory=1.5, image="registry.example.com/flows:1.2")
        @flow
        def my_flow() -> None: ...

    The stack makes what is missing: the cluster with its network and nodes, a namespace, the pool
    and a worker. Flows that say nothing else share them. `cluster=existing("prod")` uses a cluster
    of a team's own. `eks_deployer` is this one with tags and a version.
    """

    @checked
    def __init__(
        self,
        *,
        cpu: float | None = None,
        memory: float | None = None,
        gpu: int | None = None,
        image: str = "",
        namespace: str | Existing = "",
        env: Mapping[str, str] | None = None,
        service_account: str = "",
        node_group: str | NodeGroup = "",
        cpu_limit: float | None = None,
        memory_limit: float | None = None,
        disk: float | None = None,
        priority: str = "",
        tolerations: Sequence[Mapping[str, str]] = (),
        pull_policy: Literal["", "IfNotPresent", "Always", "Never"] = "",
        cluster: Cluster | ExistingCluster | Existing | None = None,
        pool: str | Existing = "",
    ) -> None:
        """
        Choose size and place; what is not given is left to the pool.

        cpu, memory: vCPU and GiB that are set aside for a run. A run that needs more memory is
            ended, unless `memory_limit` is higher; more CPU is given when there is some.
        gpu: whole NVIDIA GPUs.
        image: empty: the worker's own Prefect version.
        namespace: empty: `flows`; `existing(...)`: one of somebody else.
        service_account: empty: one of the flow's own, with what it may do in AWS and with Dask.
        node_group: one to make, or nodes with the label `meta-prefect.io/node-group=NAME`.
        disk: GiB of the node's disk.
        priority: name of a priority class.
        tolerations: of taints, as Kubernetes has them; those of a group to make are added.
        cluster: one to make, or one that is there: `existing(...)` by its name in EKS. None: the
            project's default one, to make.
        pool: empty: the project's default pool of this type; a name: a pool of its own;
            `existing(...)`: a pool that somebody else manages, with its own workers, wherever they
            start Jobs.

        Raises:
            TypeError: a variable is no text.
            ValueError: a value is not allowed, or two contradict each other.
        """
        name = type(self).__name__
        check_positive(name, cpu=cpu, memory=memory, gpu=gpu, cpu_limit=cpu_limit)
        check_positive(name, memory_limit=memory_limit, disk=disk)
        _check_limits(name, cpu=(cpu, cpu_limit), memory=(memory, memory_limit))
        _check_pull_policy(name, pull_policy)
        is_elsewhere = isinstance(pool, Existing)
        group = node_group if isinstance(node_group, NodeGroup) else None
        variables = {
            "cpu_request": _to_millicores(cpu),
            "cpu_limit": _to_millicores(cpu_limit),
            "memory_request": _to_mebibytes(memory, "Mi"),
            "memory_limit": _to_mebibytes(memory_limit or memory, "Mi"),
            "ephemeral_storage_request": "" if disk is None else f"{math.ceil(disk)}Gi",
            "gpu": gpu,
            "tolerations": [*build_tolerations(group, gpu), *map(dict, tolerations)] or None,
            "node_selector": _select_nodes(node_group),
            "priority_class_name": priority,
            "image": image,
            "image_pull_policy": pull_policy,
            "namespace": _find_name(namespace) if is_elsewhere else "",
            "service_account_name": service_account,
        }
        place = None if is_elsewhere else _build_namespace(namespace, cluster, group)
        self._group = group
        own = {IMAGE_VARIABLE: image} if image else {}
        super().__init__(
            WorkerPool(name=pool, type="kubernetes", place=place), variables, {**own, **(env or {})}
        )

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """The pool, and unless it is somebody else's a worker; nodes if there are some to make."""
        worker = set() if self._pool.place is None else {KubernetesWorker(self._pool)}
        return {self._pool, *worker, *self._nodes}

    @property
    def _nodes(self) -> set[Hashable]:
        """The group to make, and what starts its machines where it may have none."""
        place = self._pool.place
        if self._group is None:
            return set()
        if self._group.min_size or not isinstance(place, Namespace) or place.nodes is None:
            return {self._group}
        return {self._group, ClusterAutoscaler(place.nodes)}


class docker(_Infrastructure):  # noqa: N801 - used as a decorator
    """
    Run each flow run in a Docker container.

        @code_image("/opt/flows")
        @docker(image="flows:1.2", memory=2)
        @flow
        def my_flow() -> None: ...
    """

    @checked
    def __init__(
        self,
        *,
        image: str = "",
        memory: float | None = None,
        env: Mapping[str, str] | None = None,
        networks: Sequence[str] = (),
        volumes: Sequence[str] = (),
        pull_policy: Literal["", "IfNotPresent", "Always", "Never"] = "",
        pool: str | Existing = "",
    ) -> None:
        """
        Choose the container; what is not given is left to the pool.

        memory: GiB at most.
        volumes: `FOLDER:FOLDER IN THE CONTAINER`, absolute both.
        pool: as for `eks`.

        Raises:
            TypeError: a variable is no text, or networks or volumes are one.
            ValueError: a value is not allowed.
        """
        check_positive("docker", memory=memory)
        _check_pull_policy("docker", pull_policy)
        _check_lists("docker", networks=networks, volumes=volumes)
        variables = {
            "image": image,
            "mem_limit": _to_mebibytes(memory, "m"),
            "networks": list(networks) or None,
            "volumes": list(volumes) or None,
            "image_pull_policy": pull_policy,
        }
        super().__init__(WorkerPool(name=pool, type="docker"), variables, env)


class ecs(_Infrastructure):  # noqa: N801 - used as a decorator
    """
    Run each flow run as a task of Amazon ECS, on Fargate.

        @code_image("/opt/flows")
        @ecs(cpu=1, memory=2, image="registry.example.com/flows:1.2", spot=True)
        @flow
        def my_flow() -> None: ...

    The stack makes what is missing: a cluster with its network, the pool with its roles, a worker.
    """

    @checked
    def __init__(
        self,
        *,
        cpu: float | None = None,
        memory: float | None = None,
        image: str = "",
        env: Mapping[str, str] | None = None,
        spot: bool = False,
        cluster: EcsCluster | Existing | None = None,
        family: str = "",
        task_role: str = "",
        execution_role: str = "",
        pool: str | Existing = "",
    ) -> None:
        """
        Choose size and place; what is not given is left to the pool.

        cpu, memory: vCPU and GiB, one of Fargate's pairs.
        spot: cheaper, and ended by Amazon when it wants to.
        cluster: one to make; `existing(...)`: the ARN of another one, for this deployment's runs.
        family: name of the task definition.
        task_role, execution_role: ARNs; empty: a task role of the flow's own if it needs one, and
            the pool's.
        pool: as for `eks`.

        Raises:
            TypeError: a variable is no text.
            ValueError: Fargate has no such size; names the next one that it has.
        """
        check_positive("ecs", cpu=cpu, memory=memory)
        _check_fargate(cpu, memory)
        variables = {
            "cpu": None if cpu is None else round(cpu * _ECS_UNITS_PER_VCPU),
            "memory": None if memory is None else round(memory * _MIB_PER_GIB),
            "image": image,
            "launch_type": "FARGATE_SPOT" if spot else "",
            "cluster": cluster.name if isinstance(cluster, Existing) else "",
            "family": family,
            "match_latest_revision_in_family": True if family else None,
            "task_role_arn": task_role,
            "execution_role_arn": execution_role,
        }
        made = cluster if isinstance(cluster, EcsCluster) else EcsCluster()
        place = None if isinstance(pool, Existing) else made
        super().__init__(WorkerPool(name=pool, type="ecs", place=place), variables, env)

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """The pool, and unless it is somebody else's a worker."""
        worker = set() if self._pool.place is None else {EcsWorker(self._pool)}
        return {self._pool, *worker}


class job_variables(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Set variables of the pool's base job template that the other builders have no word for.

        @job_variables(finished_job_ttl=600)
        @eks(cpu=1)
        @flow
        def my_flow() -> None: ...

    Prefect ignores a variable that the template does not have.
    """

    @checked
    def __init__(self, **values: Any) -> None:
        """
        Keep the values.

        Raises:
            TypeError: one has no JSON form.
        """
        check_json("job_variables", values)
        self._values = values

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Lay the variables over those that are there."""
        return deployment.with_job_variables(self._values)


def build_tolerations(group: NodeGroup | None, gpu: int | None) -> list[dict[str, str]]:
    """Let pods onto the nodes of a group that was made for them, and onto those with GPUs."""
    taints = () if group is None else group.taints
    return [
        *([_GPU_TOLERATION] if gpu else []),
        *(
            {"key": key, "operator": "Equal", "value": value, "effect": "NoSchedule"}
            for key, value in taints
        ),
    ]


def _find_name(name: str | Existing) -> str:
    return name.name if isinstance(name, Existing) else name


def _select_nodes(group: str | NodeGroup) -> dict[str, str] | None:
    name = group.name if isinstance(group, NodeGroup) else group
    return {NODE_GROUP_LABEL: name} if name else None


def _build_namespace(
    name: str | Existing,
    cluster: Cluster | ExistingCluster | Existing | None,
    group: NodeGroup | None,
) -> Namespace:
    """Say where Jobs are made; a cluster to make needs nodes for our own programs as well."""
    if isinstance(cluster, Existing):
        cluster = ExistingCluster(cluster.name, eks_name=cluster.name)
    if cluster is None:
        cluster = Cluster() if group is None else group.cluster
    if group is not None and group.cluster != cluster:
        raise ValueError(f'eks(node_group=NodeGroup("{group.name}", ...)): is in another cluster')
    nodes = None
    if isinstance(cluster, Cluster):
        main = NodeGroup(cluster=cluster)
        nodes = group if group is not None and group.name == main.name else main
    return Namespace(name or _NAMESPACE, cluster, nodes)


def _to_millicores(cpu: float | None) -> str:
    """Write vCPU as Kubernetes does, at least a thousandth; empty for None."""
    return "" if cpu is None else f"{max(1, round(cpu * _MILLI))}m"


def _to_mebibytes(memory: float | None, unit: str) -> str:
    """Write GiB as whole MiB, rounded up; empty for None."""
    return "" if memory is None else f"{math.ceil(memory * _MIB_PER_GIB)}{unit}"


def _check_limits(builder: str, **pairs: tuple[float | None, float | None]) -> None:
    for name, (wanted, most) in pairs.items():
        if wanted is not None and most is not None and most < wanted:
            raise ValueError(f"{builder}({name}={wanted}, {name}_limit={most}): the limit is lower")


def _check_pull_policy(builder: str, policy: str) -> None:
    if policy not in _PULL_POLICIES:
        known = ", ".join(_PULL_POLICIES[1:])
        raise ValueError(f'{builder}(pull_policy="{policy}"): one of {known}')


def _check_lists(builder: str, **values: object) -> None:
    for name, value in values.items():
        if isinstance(value, str):
            raise TypeError(f'{builder}({name}="{value}"): a list, such as ["{value}"]')


def _check_fargate(cpu: float | None, memory: float | None) -> None:
    """Refuse a size that Fargate does not have; the pool's default stands for what is not given."""
    if cpu is None or memory is None:
        return
    units = round(cpu * _ECS_UNITS_PER_VCPU)
    if memory in _FARGATE.get(units, ()):
        return
    fitting = [
        (size, gib)
        for size, sizes in _FARGATE.items()
        for gib in sizes
        if size >= units and gib >= memory
    ]
    if not fitting:
        raise ValueError(f"ecs(cpu={cpu}, memory={memory}): more than Fargate has; eks has room")
    size, gib = fitting[0]
    raise ValueError(
        f"ecs(cpu={cpu}, memory={memory}): Fargate has no such size; the next one is "
        f"cpu={size / _ECS_UNITS_PER_VCPU:g}, memory={gib:g}"
    )
