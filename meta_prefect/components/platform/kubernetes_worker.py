"""
A Prefect worker in a cluster: starts the runs of a pool as Jobs of one namespace.

Image, environment and number are changed in place. Not to be confused with `components.worker`, a
process on this machine. Source: `prefect_kubernetes` 0.8.0, `worker.py`, `observer.py` and
`settings.py`.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar, Final, Literal

import pulumi
import pulumi_kubernetes as kubernetes

from meta_prefect.components.naming import OBJECT, build_name
from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.handles import NamespaceHandle
from meta_prefect.components.platform.pod_identity import PodIdentity
from meta_prefect.components.platform.pods import (
    HOME_ENV,
    PREFECT_UID,
    SECURE,
    WRITABLE_MOUNTS,
    WRITABLE_VOLUMES,
    build_deployment_spec,
    build_env,
    build_http_probe,
    build_labels,
    build_resources,
    build_secret_env,
    build_security,
)
from meta_prefect.components.platform.rbac import WORKER, render_rules

_HEALTH_PORT: Final = 8080
_KEY: Final = "value"
_SETTINGS: Final = "PREFECT_INTEGRATIONS_KUBERNETES"

CredentialKind = Literal["api_key", "auth_string"]


@dataclass(frozen=True, slots=True)
class Credential:
    """
    What opens Prefect's API.

    kind: the key of Prefect Cloud, or `user:password` of a server of one's own.
    value: the secret; empty: it stands in the Secret `existing`.
    existing: name of a Secret in the namespace, with the key `value`.
    """

    kind: CredentialKind
    value: pulumi.Input[str] = ""
    existing: str = ""


@dataclass(frozen=True, slots=True)
class WorkerPods:
    """
    What a worker's pods are like.

    image: empty: Prefect's, in the version and with the Python of this program.
    replicas: several are safe; the server hands each run out once.
    limit: runs at once in each of them; None means no limit.
    cpu, memory, memory_limit: vCPU and GiB.
    """

    image: str = ""
    replicas: int = 1
    limit: int | None = None
    cpu: float = 0.1
    memory: float = 0.25
    memory_limit: float = 1.0
    query_seconds: int = 10
    prefetch_seconds: int = 10


class KubernetesWorker(PlatformComponent):
    """
    Children: `account`, `role`, `binding`, `api-key`, `deployment`, `budget`.

    Without an account of its own when it gets an identity; without `api-key` when Prefect asks for
    none, or the Secret is there.
    """

    KIND: ClassVar[str] = "worker"

    def __init__(
        self,
        name: str,
        *,
        pool_name: pulumi.Input[str],
        namespace: NamespaceHandle,
        api_url: pulumi.Input[str],
        credential: Credential | None = None,
        pods: WorkerPods = WorkerPods(),
        identity: PodIdentity | None = None,
        env: Mapping[str, pulumi.Input[str]] | None = None,
        node_selector: Mapping[str, str] | None = None,
        tolerations: Sequence[Mapping[str, str]] = (),
        after: Sequence[pulumi.Resource] = (),
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Start the worker.

        pool_name: of a pool that is there: a worker would make one with Prefect's own template.
        api_url: as the cluster reaches it.
        identity: of its pods in AWS.
        env: of the worker; variables that begin with PREFECT_ reach the runs, too.
        after: what must be there first, such as pool and nodes.
        tags: become labels.
        """
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        self._inside = pulumi.ResourceOptions(provider=namespace.cluster.provider)
        self._namespace = namespace
        self._object_name = build_name(OBJECT, name, "worker")
        account = identity.service_account if identity else self._build_account()
        binding = self._build_role(account)
        secret = self._build_secret(credential)
        labels = build_labels("prefect-worker", self._object_name)
        container = self._build_container(pool_name, pods)
        container["env"] = [
            *HOME_ENV,
            *build_env({**self._build_settings(api_url, pods), **(env or {})}),
            *_build_credential_env(credential, secret),
        ]
        self.deployment = self.make(
            "deployment",
            kubernetes.apps.v1.Deployment,
            after=[binding, *(identity.ready if identity else ()), *after],
            metadata=self._metadata(labels),
            spec=build_deployment_spec(
                labels,
                {
                    "service_account_name": account,
                    "security_context": build_security(PREFECT_UID),
                    "containers": [container],
                    "volumes": WRITABLE_VOLUMES,
                    "node_selector": dict(node_selector or {}) or None,
                    "tolerations": list(tolerations) or None,
                },
                replicas=pods.replicas,
                annotations=_build_annotations(credential, identity),
            ),
            opts=self._inside,
        )
        self._build_budget(labels)
        self.finish(deployment=self._object_name)

    def _metadata(self, labels: Mapping[str, str] | None = None) -> dict[str, Any]:
        return {
            "name": self._object_name,
            "namespace": self._namespace.name,
            "labels": {**self.tags, **(labels or {})} or None,
        }

    def _build_account(self) -> str:
        self.make(
            "account",
            kubernetes.core.v1.ServiceAccount,
            after=self._namespace.ready,
            metadata=self._metadata(),
            opts=self._inside,
        )
        return self._object_name

    def _build_role(self, account: str) -> pulumi.Resource:
        role = self.make(
            "role",
            kubernetes.rbac.v1.Role,
            after=self._namespace.ready,
            metadata=self._metadata(),
            rules=render_rules(WORKER),
            opts=self._inside,
        )
        binding: pulumi.Resource = self.make(
            "binding",
            kubernetes.rbac.v1.RoleBinding,
            after=[role],
            metadata=self._metadata(),
            role_ref={
                "api_group": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": self._object_name,
            },
            subjects=[
                {"kind": "ServiceAccount", "name": account, "namespace": self._namespace.name}
            ],
            opts=self._inside,
        )
        return binding

    def _build_secret(self, credential: Credential | None) -> pulumi.Input[str]:
        """Give the name of the Secret; it never changes, as waiting pods refer to it by name."""
        if credential is None or credential.existing:
            return credential.existing if credential else ""
        secret = self.make(
            "api-key",
            kubernetes.core.v1.Secret,
            after=self._namespace.ready,
            metadata={**self._metadata(), "name": f"{self._object_name}-api-key"},
            string_data={_KEY: pulumi.Output.secret(credential.value)},
            opts=self._inside,
        )
        name: pulumi.Output[str] = secret.metadata.name
        return name

    def _build_settings(
        self, api_url: pulumi.Input[str], pods: WorkerPods
    ) -> dict[str, pulumi.Input[str]]:
        return {
            "PREFECT_API_URL": api_url,
            "PREFECT_WORKER_QUERY_SECONDS": str(pods.query_seconds),
            "PREFECT_WORKER_PREFETCH_SECONDS": str(pods.prefetch_seconds),
            # Without it the observer watches all namespaces, and may not.
            f"{_SETTINGS}_OBSERVER_NAMESPACES": self._namespace.name,
        }

    def _build_container(self, pool_name: pulumi.Input[str], pods: WorkerPods) -> dict[str, Any]:
        limit = [] if pods.limit is None else ["--limit", str(pods.limit)]
        return {
            "name": "worker",
            "image": pods.image or find_worker_image(),
            "args": [
                "prefect",
                "worker",
                "start",
                "--type",
                "kubernetes",
                "--pool",
                pool_name,
                "--with-healthcheck",
                "--install-policy",
                "never",  # the image has the library; asking would hang the pod
                *limit,
            ],
            "ports": [{"name": "health", "container_port": _HEALTH_PORT}],
            "liveness_probe": build_http_probe(
                "/health", _HEALTH_PORT, initial_delay_seconds=30, period_seconds=30
            ),
            "readiness_probe": build_http_probe(
                "/health", _HEALTH_PORT, initial_delay_seconds=5, period_seconds=10
            ),
            "resources": build_resources(pods.cpu, pods.memory, pods.memory_limit),
            "security_context": SECURE,
            "volume_mounts": WRITABLE_MOUNTS,
        }

    def _build_budget(self, labels: Mapping[str, str]) -> None:
        self.make(
            "budget",
            kubernetes.policy.v1.PodDisruptionBudget,
            after=self._namespace.ready,
            metadata=self._metadata(),
            # `minAvailable: 1` with one replica would hold up every change of nodes.
            spec={"max_unavailable": 1, "selector": {"match_labels": labels}},
            opts=self._inside,
        )


def find_worker_image() -> str:
    """Name Prefect's image with the worker: of this Prefect, with this Python."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"prefecthq/prefect:{version('prefect')}-python{python}-kubernetes"


def _build_credential_env(
    credential: Credential | None, secret: pulumi.Input[str]
) -> list[dict[str, Any]]:
    """Open the API for the worker, and let runs read the Secret: their manifests hold no key."""
    if credential is None:
        return []
    if credential.kind == "api_key":
        own, settings = "PREFECT_API_KEY", f"{_SETTINGS}_WORKER_API_KEY_SECRET"
    else:
        own, settings = "PREFECT_API_AUTH_STRING", f"{_SETTINGS}_WORKER_API_AUTH_STRING_SECRET"
    return [
        build_secret_env(own, secret, _KEY),
        *build_env({f"{settings}_NAME": secret, f"{settings}_KEY": _KEY}),
    ]


def _build_annotations(
    credential: Credential | None, identity: PodIdentity | None
) -> dict[str, pulumi.Input[str]]:
    """Make pods anew when what they read at their start is another."""
    annotations: dict[str, pulumi.Input[str]] = {}
    if credential is not None and not credential.existing:
        value = pulumi.Output.from_input(credential.value)
        annotations["meta-prefect.io/credential"] = value.apply(_digest)
    if identity is not None and identity.role_arn is not None:
        annotations["meta-prefect.io/role"] = identity.role_arn
    return annotations


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
