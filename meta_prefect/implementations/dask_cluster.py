"""
What a run asks the Dask operator for: a cluster of its own, which goes when the run does.

Pure: from what the run's pod knows about itself to a `DaskCluster`. Three things clean up: the task
runner closes the cluster; when the run was killed, the operator ends it once it is idle; and when
that cannot ask the scheduler, the cluster goes with the run's pod, its owner. Not to be confused
with `dask_run`, which acts in the run, and `task_runner`, the builders. Source: dask-kubernetes
2026.3.0.
"""

from __future__ import annotations

import copy
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from meta_prefect.implementations.infra import (
    NODE_GROUP_LABEL,
    build_tolerations,
)
from meta_prefect.interfaces.components import NodeGroup
from meta_prefect.interfaces.deployment import DASK_ENV_VARIABLE, IMAGE_VARIABLE

_RUN_VARIABLE: Final = "PREFECT__FLOW_RUN_ID"
_RUN_DIGITS: Final = 12  # the operator makes longer names out of this one
_SETTING: Final = "PREFECT_INTEGRATIONS_KUBERNETES_WORKER_{}_SECRET_{}"
_CREDENTIALS: Final = ("API_KEY", "API_AUTH_STRING")
_PACKAGES_VARIABLE: Final = "EXTRA_PIP_PACKAGES"  # read by the start script of Prefect's images
_SHARED_VARIABLES: Final = ("PREFECT_API_URL", _PACKAGES_VARIABLE)
_DEATH_TIMEOUT_SECONDS: Final = 60
_SCHEDULER: Final[Mapping[str, Any]] = {
    "requests": {"cpu": "250m", "memory": "1024Mi"},
    "limits": {"memory": "2048Mi"},
}


@dataclass(frozen=True, slots=True)
class RunPod:
    """
    What a run's pod knows about itself; empty where the pool's template does not tell it.

    run: id of the flow run.
    image: with this flow's packages.
    name, uid: of the pod.
    variables: those that Dask's workers need as well.
    secrets: those that stand in a Secret: variable to the Secret's name and key.
    """

    run: str = ""
    image: str = ""
    name: str = ""
    uid: str = ""
    namespace: str = ""
    service_account: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str, str], ...] = ()

    @property
    def installs_packages(self) -> bool:
        """Whether the run got its packages when its pod started."""
        return _PACKAGES_VARIABLE in dict(self.variables)


@dataclass(frozen=True, slots=True)
class DaskPods:
    """What the pods of a Dask cluster are like; empty and None are left to the run's pod."""

    image: str = ""
    namespace: str = ""
    service_account: str = ""
    node_group: str | NodeGroup = ""
    cpu: float | None = None
    memory: float | None = None
    gpu: int | None = None
    env: tuple[tuple[str, str], ...] = ()

    @property
    def resources(self) -> dict[str, dict[str, str]]:
        """Kubernetes' form; the memory is the limit as well, so that Dask knows what it has."""
        memory = {} if self.memory is None else {"memory": f"{math.ceil(self.memory * 1024)}Mi"}
        cpu = {} if self.cpu is None else {"cpu": f"{round(self.cpu * 1000)}m"}
        gpu = {"nvidia.com/gpu": str(self.gpu)} if self.gpu else {}
        whole = {"requests": {**cpu, **memory}, "limits": {**memory, **gpu}}
        return {key: values for key, values in whole.items() if values}

    @property
    def node_selector(self) -> dict[str, str]:
        """Nodes for the workers; empty: any."""
        group = self.node_group
        name = group.name if isinstance(group, NodeGroup) else group
        return {NODE_GROUP_LABEL: name} if name else {}

    @property
    def tolerations(self) -> list[dict[str, str]]:
        """Taints that the workers do not mind."""
        group = self.node_group if isinstance(self.node_group, NodeGroup) else None
        return build_tolerations(group, self.gpu)

    @property
    def threads(self) -> int:
        """How many tasks a worker runs at once: one for each whole vCPU."""
        return max(1, math.floor(self.cpu or 1))

    def find_image(self, run: RunPod) -> str:
        """
        Give the image: one without this flow's packages could not run its tasks.

        Without one it is Prefect's, as for the run, if that one installs packages when it starts.
        """
        image = self.image or run.image
        if image:
            return image
        if not run.installs_packages:
            raise RuntimeError(
                "dask_k8s: give an image, to it or to eks, with this flow's packages"
            )
        from prefect.utilities.dockerutils import get_prefect_image_name

        return get_prefect_image_name()

    def build_env(self, run: RunPod) -> list[dict[str, Any]]:
        """Give variables as a pod has them; a secret is referred to, never copied."""
        plain = {**dict(run.variables), **dict(self.env)}
        return [
            *({"name": name, "value": value} for name, value in plain.items()),
            *(
                {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
                for name, secret, key in run.secrets
            ),
        ]


def read_run_pod(environment: Mapping[str, str]) -> RunPod:
    """Read what the worker and the pool's template told a run."""
    given = environment.get(DASK_ENV_VARIABLE, "").split(",")
    shared = {name: environment.get(name, "") for name in (*_SHARED_VARIABLES, *given)}
    found = (
        (
            f"PREFECT_{kind}",
            environment.get(_SETTING.format(kind, "NAME"), ""),
            environment.get(_SETTING.format(kind, "KEY"), "value"),
        )
        for kind in _CREDENTIALS
    )
    return RunPod(
        environment.get(_RUN_VARIABLE, ""),
        environment.get(IMAGE_VARIABLE, ""),
        environment.get("META_PREFECT_POD_NAME", ""),
        environment.get("META_PREFECT_POD_UID", ""),
        environment.get("META_PREFECT_NAMESPACE", ""),
        environment.get("META_PREFECT_SERVICE_ACCOUNT", ""),
        tuple((name, value) for name, value in shared.items() if value),
        tuple(item for item in found if item[1]),
    )


def build_cluster_name(run: RunPod) -> str:
    """Name a cluster after its run, and so that a second try of the run gets one of its own."""
    start = run.run.replace("-", "").lower()[:_RUN_DIGITS]
    return f"mp-{start or 'local'}-{secrets.token_hex(3)}"


def finish_spec(spec: Mapping[str, Any], pods: DaskPods, run: RunPod) -> dict[str, Any]:
    """
    Complete what dask-kubernetes made.

    spec: of `make_cluster_spec`; stays as it is.
    """
    finished = copy.deepcopy(dict(spec))
    is_near = pods.namespace in ("", run.namespace)
    finished["metadata"] = {**finished.get("metadata", {}), **_build_metadata(run, is_near)}
    workers, scheduler = (finished["spec"][part]["spec"] for part in ("worker", "scheduler"))
    account = pods.service_account or run.service_account
    for pod in (workers, scheduler):
        if account:
            pod["serviceAccountName"] = account
    if pods.node_selector:
        workers["nodeSelector"] = pods.node_selector
    if pods.tolerations:
        workers["tolerations"] = pods.tolerations
    scheduler["containers"][0]["resources"] = dict(_SCHEDULER)
    workers["containers"][0]["args"] += _build_worker_args(pods)
    return finished


def _build_metadata(run: RunPod, is_near: bool) -> dict[str, Any]:
    """
    Tie a cluster to its run.

    is_near: in the run's own namespace. Elsewhere an owner counts as gone, and the cluster with it.
    """
    metadata: dict[str, Any] = {}
    if run.run:
        metadata["labels"] = {"prefect.io/flow-run-id": run.run}
    if run.name and run.uid and is_near:
        owner = {"apiVersion": "v1", "kind": "Pod", "name": run.name, "uid": run.uid}
        metadata["ownerReferences"] = [owner]
    return metadata


def _build_worker_args(pods: DaskPods) -> list[str]:
    """Say how big a worker is, and that it ends when its scheduler is gone."""
    args = ["--nthreads", str(pods.threads), "--death-timeout", str(_DEATH_TIMEOUT_SECONDS)]
    if pods.memory is not None:
        args += ["--memory-limit", f"{math.ceil(pods.memory * 1024)}MiB"]
    return args
