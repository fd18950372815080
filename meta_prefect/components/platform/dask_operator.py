"""
The Dask operator of a cluster: makes the Dask clusters that flow runs ask for.

It watches the namespaces that it is told, with a role in each, where its chart has `*` everywhere.
Its kinds of objects stay in the cluster when the stack goes: deleting one would delete all Dask
clusters. Source: dask-kubernetes 2026.3.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, ClassVar, Final

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

from meta_prefect.components.naming import OBJECT, build_name
from meta_prefect.components.platform.base import RETAIN, PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.handles import NamespaceHandle
from meta_prefect.components.platform.pods import (
    SECURE,
    WRITABLE_MOUNTS,
    WRITABLE_VOLUMES,
    build_deployment_spec,
    build_http_probe,
    build_labels,
    build_resources,
    build_security,
)
from meta_prefect.components.platform.rbac import (
    DASK_OPERATOR,
    DASK_OPERATOR_EVERYWHERE,
    render_rules,
)
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

_PACKAGE: Final = "dask-kubernetes"
_FOLDER: Final = "dask_kubernetes/operator/deployment/helm/dask-kubernetes-operator/crds"
_KINDS: Final = ("daskcluster", "daskworkergroup", "daskjob", "daskautoscaler")
_GROUP: Final = "rbac.authorization.k8s.io"
_UID: Final = 1000
_PORT: Final = 8080


class DaskOperator(PlatformComponent):
    """
    Children: `crd-KIND`, `account`, `cluster-role`, `cluster-binding`, `role-N`, `binding-N`,
    `deployment`.

    ready: what must be there before a run asks for a Dask cluster.
    """

    KIND: ClassVar[str] = "dask-operator"

    def __init__(
        self,
        name: str,
        *,
        namespace: NamespaceHandle,
        watch: Sequence[NamespaceHandle] = (),
        image: str = "",
        after: Sequence[pulumi.Resource] = (),
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Install the operator.

        namespace: in which it runs.
        watch: in which it makes clusters; none: its own.
        image: empty: the one of the installed dask-kubernetes.
        after: what must be there first, such as nodes.
        tags: become labels.

        Raises:
            MetaPrefectError: dask-kubernetes is not installed.
        """
        definitions = read_definitions()
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        self._namespace = namespace
        self._inside = pulumi.ResourceOptions(provider=namespace.cluster.provider)
        self._object_name = build_name(OBJECT, name, "dask-operator")
        kinds = [self._build_kind(kind, body) for kind, body in definitions.items()]
        watched = list(watch) or [namespace]
        allowed = self._build_permissions(watched)
        labels = build_labels("dask-operator", self._object_name)
        deployment = self.make(
            "deployment",
            kubernetes.apps.v1.Deployment,
            after=[*kinds, *allowed, *after],
            metadata={**self._metadata(), "labels": {**self.tags, **labels}},
            spec=build_deployment_spec(
                labels,
                {
                    "service_account_name": self._object_name,
                    "security_context": build_security(_UID),
                    "containers": [_build_container(image or find_operator_image(), watched)],
                    "volumes": WRITABLE_VOLUMES,
                },
                strategy="Recreate",  # two of them would answer every request twice
            ),
            opts=self._inside,
        )
        self.ready: tuple[pulumi.Resource, ...] = (deployment,)
        self.finish(deployment=self._object_name)

    def _metadata(self, namespace: pulumi.Input[str] | None = None) -> dict[str, Any]:
        return {"name": self._object_name, "namespace": namespace or self._namespace.name}

    def _build_kind(self, kind: str, body: Mapping[str, Any]) -> pulumi.Resource:
        made: pulumi.Resource = self.make(
            f"crd-{kind}",
            kubernetes.apiextensions.v1.CustomResourceDefinition,
            after=self._namespace.cluster.ready,
            metadata={"name": body["metadata"]["name"]},
            spec=body["spec"],
            opts=pulumi.ResourceOptions.merge(self._inside, RETAIN),
        )
        return made

    def _build_permissions(self, watched: Sequence[NamespaceHandle]) -> list[pulumi.Resource]:
        self.make(
            "account",
            kubernetes.core.v1.ServiceAccount,
            after=self._namespace.ready,
            metadata=self._metadata(),
            opts=self._inside,
        )
        name = {
            "name": build_name(OBJECT, pulumi.get_project(), pulumi.get_stack(), self._object_name)
        }
        role = self.make(
            "cluster-role",
            kubernetes.rbac.v1.ClusterRole,
            after=self._namespace.cluster.ready,
            metadata=name,
            rules=render_rules(DASK_OPERATOR_EVERYWHERE),
            opts=self._inside,
        )
        binding = self.make(
            "cluster-binding",
            kubernetes.rbac.v1.ClusterRoleBinding,
            after=[role],
            metadata=name,
            role_ref={"api_group": _GROUP, "kind": "ClusterRole", **name},
            subjects=[self._subject],
            opts=self._inside,
        )
        return [
            binding,
            *(self._build_role(number, handle) for number, handle in enumerate(watched)),
        ]

    def _build_role(self, number: int, namespace: NamespaceHandle) -> pulumi.Resource:
        role = self.make(
            f"role-{number}",
            kubernetes.rbac.v1.Role,
            after=namespace.ready,
            metadata=self._metadata(namespace.name),
            rules=render_rules(DASK_OPERATOR),
            opts=self._inside,
        )
        binding: pulumi.Resource = self.make(
            f"binding-{number}",
            kubernetes.rbac.v1.RoleBinding,
            after=[role],
            metadata=self._metadata(namespace.name),
            role_ref={"api_group": _GROUP, "kind": "Role", "name": self._object_name},
            subjects=[self._subject],
            opts=self._inside,
        )
        return binding

    @property
    def _subject(self) -> dict[str, Any]:
        return {
            "kind": "ServiceAccount",
            "name": self._object_name,
            "namespace": self._namespace.name,
        }


def read_definitions() -> dict[str, Mapping[str, Any]]:
    """
    Read the kinds of objects that the operator knows from the installed package.

    Raises:
        MetaPrefectError: it is not installed.
    """
    folder = Path(str(_find_package().locate_file(_FOLDER)))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a second instead of ten
    return {
        kind: yaml.load((folder / f"{kind}.yaml").read_text("utf-8"), loader)  # noqa: S506 - safe
        for kind in _KINDS
    }


def find_operator_image() -> str:
    """Name the operator's image in the version of the installed package."""
    return f"ghcr.io/dask/dask-kubernetes-operator:{_find_package().version}"


def _find_package() -> Any:
    try:
        return distribution(_PACKAGE)
    except PackageNotFoundError as error:
        raise MetaPrefectError(
            "MP2122",
            "the Dask operator comes out of a package that is not installed",
            why=f"{_PACKAGE} holds the kinds of objects that the operator knows",
            fixes=("pip install 'meta-prefect[dask]'",),
            exit_code=ExitCode.USAGE,
        ) from error


def _build_container(image: str, watched: Sequence[NamespaceHandle]) -> dict[str, Any]:
    return {
        "name": "operator",
        "image": image,
        "args": [
            f"--liveness=http://0.0.0.0:{_PORT}/healthz",
            *(pulumi.Output.concat("--namespace=", handle.name) for handle in watched),
        ],
        "ports": [{"name": "health", "container_port": _PORT}],
        "liveness_probe": build_http_probe(
            "/healthz", _PORT, initial_delay_seconds=10, period_seconds=20
        ),
        "resources": build_resources(0.1, 0.25, 0.5),
        "security_context": SECURE,
        "volume_mounts": WRITABLE_MOUNTS,
    }
