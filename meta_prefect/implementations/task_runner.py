"""
Builders of task runners: what runs the tasks of a flow, in the run itself.

They act in the worker: Dask is imported when a run begins, never for deploying and never when the
flow file is imported.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from prefect.task_runners import TaskRunner

from meta_prefect.implementations.checking import check_env, check_positive
from meta_prefect.implementations.dask_cluster import (
    DaskPods,
    build_cluster_name,
    finish_spec,
    read_run_pod,
)
from meta_prefect.implementations.dask_run import attend
from meta_prefect.interfaces.components import NodeGroup
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

WHERE_VARIABLE: Final = "META_PREFECT_DASK"
_INSTALL: Final = "pip install 'meta-prefect[dask]'"
_PATIENCE_SECONDS: Final = 300
_IDLE_SECONDS: Final = 300

Load = Callable[[str], Any]


class _LaterTaskRunner(TaskRunner[Any]):
    """Stands on a flow for a runner that is made when a run begins: Prefect duplicates it then."""

    def __init__(self, builder: str, build: Callable[[], Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Prefect's has no annotations
        self._builder = builder
        self._build = build

    def duplicate(self) -> Any:
        """Make the runner."""
        return self._build()

    def submit(self, *_args: Any, **_options: Any) -> Any:
        """Refuse: only the runner that a run made takes tasks."""
        raise RuntimeError(f"{self._builder}: its task runner starts with a flow run")


class threads(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Run a flow's tasks in threads; Prefect's default, with a number of one's own.

        @threads(8)
        @local_deployer()
        @flow
        def my_flow() -> None: ...
    """

    def __init__(self, max_workers: int) -> None:
        """
        Choose the number of threads.

        Raises:
            ValueError: it is below 1.
        """
        check_positive("threads", max_workers=max_workers)
        self._max_workers = max_workers

    def prepare_flow(self, flow: Any) -> None:
        """Set the flow's task runner."""
        from prefect.task_runners import ThreadPoolTaskRunner

        flow.task_runner = ThreadPoolTaskRunner(max_workers=self._max_workers)


class processes(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Run a flow's tasks in processes of its machine.

        @processes(4)
        @local_deployer()
        @flow
        def my_flow() -> None: ...
    """

    def __init__(self, max_workers: int | None = None) -> None:
        """
        Choose the number of processes; None: one for each processor.

        Raises:
            ValueError: it is below 1.
        """
        check_positive("processes", max_workers=max_workers)
        self._max_workers = max_workers

    def prepare_flow(self, flow: Any) -> None:
        """Set the flow's task runner."""
        from prefect.task_runners import ProcessPoolTaskRunner

        flow.task_runner = ProcessPoolTaskRunner(max_workers=self._max_workers)


class dask_local(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Run a flow's tasks in a Dask cluster of processes in its own machine or container.

        @dask_local(num_workers=4)
        @local_deployer()
        @flow
        def my_flow() -> None: ...
    """

    def __init__(self, num_workers: int | None = None, *, threads_per_worker: int = 1) -> None:
        """
        Choose the size; `num_workers` None: one for each processor.

        Raises:
            ValueError: a number is below 1.
        """
        check_positive("dask_local", num_workers=num_workers, threads_per_worker=threads_per_worker)
        self._size = {"n_workers": num_workers, "threads_per_worker": threads_per_worker}

    def prepare_flow(self, flow: Any) -> None:
        """Set a task runner that is made when a run begins."""
        flow.task_runner = _LaterTaskRunner("dask_local", self.build)

    def build(self, load: Load = importlib.import_module) -> Any:
        """
        Make the task runner.

        load: gives a module by name.

        Raises:
            ModuleNotFoundError: Dask is not installed; says how to install it.
        """
        size = {key: value for key, value in self._size.items() if value is not None}
        runner = _load("prefect_dask", "dask_local", load).DaskTaskRunner
        return runner(cluster_kwargs=size)


class dask_k8s(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Run a flow's tasks in a Dask cluster of its own on Kubernetes, made for the run and gone after.

        @eks(cpu=0.8, memory=1.5)
        @dask_k8s(num_workers=5)
        @flow
        def my_flow() -> None: ...

    The stack brings the Dask operator and the permissions, unless the pool is somebody else's. The
    Dask cluster gets the project's Python files from the run, and goes when the run ends, however
    it does.

    Outside of Kubernetes the same flow runs with a local cluster; `META_PREFECT_DASK=kubernetes`
    makes it use the cluster that kubectl knows.
    """

    def __init__(
        self,
        num_workers: int | None = None,
        *,
        min_workers: int | None = None,
        max_workers: int | None = None,
        image: str = "",
        namespace: str = "",
        service_account: str = "",
        node_group: str | NodeGroup = "",
        cpu: float | None = None,
        memory: float | None = None,
        gpu: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """
        Choose the size: a number of workers, or a range to adapt in.

        image: of scheduler and workers; empty: the one that `eks(image=...)` gives the flow run.
        namespace, service_account: empty: those of the flow run.
        node_group: for the workers: one to make, or nodes with the label
            `meta-prefect.io/node-group=NAME`.
        cpu, memory, gpu: of each worker, vCPU, GiB and whole NVIDIA GPUs.
        env: of the workers, beside that of the flow run.

        Raises:
            TypeError: a variable is no text.
            ValueError: a value is not allowed, or number and range are given.
        """
        check_positive("dask_k8s", num_workers=num_workers, max_workers=max_workers)
        check_positive("dask_k8s", cpu=cpu, memory=memory, gpu=gpu)
        self._range = _read_range(num_workers, min_workers, max_workers)
        self._pods = DaskPods(
            image,
            namespace,
            service_account,
            node_group,
            cpu,
            memory,
            gpu,
            tuple(check_env("dask_k8s", env).items()),
        )

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Ask for the operator, and for nodes to make, where the stack makes the runs' place."""
        group = self._pods.node_group
        nodes = group if isinstance(group, NodeGroup) else None
        return replace(deployment, uses_dask=True, dask_nodes=nodes)

    def prepare_flow(self, flow: Any) -> None:
        """Set a task runner that is made when a run begins."""
        flow.task_runner = _LaterTaskRunner("dask_k8s", self.build)

    def build(
        self,
        load: Load = importlib.import_module,
        environment: Mapping[str, str] = os.environ,
    ) -> Any:
        """
        Make the task runner: in Kubernetes for Kubernetes, elsewhere for this machine.

        load: gives a module by name.

        Raises:
            ModuleNotFoundError: Dask is not installed; says how to install it.
            RuntimeError: nothing says which image the workers have.
        """
        low, high = self._range
        adapting = {} if low == high else {"adapt_kwargs": {"minimum": low, "maximum": high}}
        remote = "KUBERNETES_SERVICE_HOST" in environment
        if remote or environment.get(WHERE_VARIABLE) == "kubernetes":
            operator = _load("dask_kubernetes.operator", "dask_k8s", load)
            client = _load("distributed", "dask_k8s", load).Client
            cluster: object = attend(operator.KubeCluster, client, Path.cwd())
            size = self._build_cluster(operator, load, environment)
        else:
            cluster = "distributed.LocalCluster"
            size = {"n_workers": min(high, os.cpu_count() or 1), "threads_per_worker": 1}
        runner = _load("prefect_dask", "dask_k8s", load).DaskTaskRunner
        return runner(cluster_class=cluster, cluster_kwargs=size, **adapting)

    def _build_cluster(
        self, operator: Any, load: Load, environment: Mapping[str, str]
    ) -> dict[str, Any]:
        modes = _load("dask_kubernetes.operator.kubecluster.kubecluster", "dask_k8s", load)
        run = read_run_pod(environment)
        name = build_cluster_name(run)
        spec = operator.make_cluster_spec(
            name=name,
            image=self._pods.find_image(run),
            n_workers=self._range[0],
            resources=self._pods.resources,
            env=self._pods.build_env(run),
            idle_timeout=_IDLE_SECONDS,
        )
        cluster = {
            "custom_cluster_spec": finish_spec(spec, self._pods, run),
            "create_mode": modes.CreateMode.CREATE_ONLY,  # never the cluster of another run
            "quiet": True,
            "resource_timeout": _PATIENCE_SECONDS,
        }
        namespace = self._pods.namespace or run.namespace
        return {**cluster, "namespace": namespace} if namespace else cluster


def _read_range(number: int | None, low: int | None, high: int | None) -> tuple[int, int]:
    if number is not None and (low is not None or high is not None):
        raise ValueError("dask_k8s(num_workers=..., max_workers=...): a number or a range")
    if number is not None:
        return number, number
    if high is None:
        raise ValueError("dask_k8s(): give num_workers, or max_workers for a range")
    low = 1 if low is None else low
    if not 0 <= low <= high:
        raise ValueError(f"dask_k8s(min_workers={low}, max_workers={high}): 0 <= min <= max")
    return low, high


def _load(module: str, builder: str, load: Load) -> Any:
    try:
        return load(module)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{builder}: {error.name or module} is not installed where the flow runs: {_INSTALL}"
        ) from error
