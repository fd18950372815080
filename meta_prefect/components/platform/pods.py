"""
What the pods of our own programs have in common: no rights on their node, and nothing to write on.

Pure: parts of manifests, in the names of the SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi

PREFECT_UID: Final = 1001  # of the user in Prefect's images
_HOME: Final = "/home/prefect"
_WRITABLE: Final[Mapping[str, str]] = {"home": _HOME, "tmp": "/tmp"}  # noqa: S108 - in the pod
SECURE: Final[Mapping[str, Any]] = {
    "allow_privilege_escalation": False,
    "read_only_root_filesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
WRITABLE_MOUNTS: Final = [{"name": key, "mount_path": path} for key, path in _WRITABLE.items()]
WRITABLE_VOLUMES: Final = [{"name": key, "empty_dir": {}} for key in _WRITABLE]
HOME_ENV: Final = [
    {"name": "HOME", "value": _HOME},
    {"name": "PREFECT_HOME", "value": f"{_HOME}/.prefect"},
]


def build_labels(program: str, instance: str) -> dict[str, str]:
    """Give the labels that tell the pods of one program apart from all others."""
    return {"app.kubernetes.io/name": program, "app.kubernetes.io/instance": instance}


def build_security(uid: int) -> dict[str, Any]:
    """Run as a user that is not root, with the system calls that containers need."""
    return {
        "run_as_non_root": True,
        "run_as_user": uid,
        "run_as_group": uid,
        "fs_group": uid,
        "seccomp_profile": {"type": "RuntimeDefault"},
    }


def build_env(values: Mapping[str, pulumi.Input[str]]) -> list[dict[str, Any]]:
    """Give environment variables in the order in which they are written."""
    return [{"name": name, "value": value} for name, value in values.items()]


def build_secret_env(name: str, secret: pulumi.Input[str], key: str) -> dict[str, Any]:
    """Give a variable whose value stands in a Secret."""
    return {"name": name, "value_from": {"secret_key_ref": {"name": secret, "key": key}}}


def build_http_probe(path: str, port: int, **numbers: int) -> dict[str, Any]:
    """Ask a container by HTTP whether it is well."""
    return {"http_get": {"path": path, "port": port}, **numbers}


def build_deployment_spec(
    labels: Mapping[str, str],
    pod: Mapping[str, Any],
    *,
    replicas: int = 1,
    annotations: Mapping[str, pulumi.Input[str]] | None = None,
    strategy: str = "RollingUpdate",
) -> dict[str, Any]:
    """Give the spec of a Deployment whose pods have these labels."""
    return {
        "replicas": replicas,
        "selector": {"match_labels": labels},
        "strategy": {"type": strategy},
        "template": {
            "metadata": {"labels": labels, "annotations": dict(annotations or {}) or None},
            "spec": dict(pod),
        },
    }


def build_resources(
    cpu: float, memory_gib: float, memory_limit_gib: float | None = None
) -> dict[str, Any]:
    """Set vCPU and GiB aside; the limit is on memory only, as throttling helps nobody."""
    memory = f"{round(memory_gib * 1024)}Mi"
    limit = memory if memory_limit_gib is None else f"{round(memory_limit_gib * 1024)}Mi"
    return {
        "requests": {"cpu": f"{round(cpu * 1000)}m", "memory": memory},
        "limits": {"memory": limit},
    }
