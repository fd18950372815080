"""
Base job templates: what our builders need beyond the template of a pool's type.

Pure but for reading the data files. Everything per deployment is a job variable; only what needs a
place in the manifest is laid over the template, and always the same, so that flows share a pool.
Not to be confused with `provider.templates`, which does the laying.

Sources: the templates of the worker classes of prefect-kubernetes 0.8.0 and prefect-aws 0.7.12.
Without a file here, the template is the one that Prefect's server has for the type.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

_VENDORED: Final = frozenset({"kubernetes", "ecs"})
_VARIABLES: Final[Mapping[str, Any]] = {
    "gpu": {
        "title": "GPUs",
        "type": "integer",
        "description": "Whole NVIDIA GPUs of a run.",
    },
    "node_selector": {
        "title": "Node selector",
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Labels of the nodes on which runs may start.",
    },
    "tolerations": {
        "title": "Tolerations",
        "type": "array",
        "items": {"type": "object"},
        "description": "Taints of nodes that runs do not mind.",
    },
    "priority_class_name": {
        "title": "Priority class",
        "type": "string",
        "description": "Which pods go first, and which make room.",
    },
    "ephemeral_storage_request": {
        "title": "Disk",
        "type": "string",
        "description": "Space on the node's disk that is set aside for a run, such as 10Gi.",
    },
}
# What a run knows about its own pod: it makes Dask clusters that belong to it.
_POD_FIELDS: Final[Mapping[str, str]] = {
    "META_PREFECT_POD_NAME": "metadata.name",
    "META_PREFECT_POD_UID": "metadata.uid",
    "META_PREFECT_NAMESPACE": "metadata.namespace",
    "META_PREFECT_SERVICE_ACCOUNT": "spec.serviceAccountName",
}
_POD_ENV: Final = [
    {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
    for name, path in _POD_FIELDS.items()
]
# A list is replaced whole, so the container is said again; an unset variable takes its key along.
# The worker puts the variable `env` in front of a list that stands here.
_CONTAINER: Final[Mapping[str, Any]] = {
    "name": "prefect-job",
    "env": _POD_ENV,
    "image": "{{ image }}",
    "imagePullPolicy": "{{ image_pull_policy }}",
    "args": "{{ command }}",
    "resources": {
        "limits": {
            "cpu": "{{ cpu_limit }}",
            "memory": "{{ memory_limit }}",
            "nvidia.com/gpu": "{{ gpu }}",
        },
        "requests": {
            "cpu": "{{ cpu_request }}",
            "memory": "{{ memory_request }}",
            "ephemeral-storage": "{{ ephemeral_storage_request }}",
        },
    },
}
_POD: Final[Mapping[str, Any]] = {
    "nodeSelector": "{{ node_selector }}",
    "tolerations": "{{ tolerations }}",
    "priorityClassName": "{{ priority_class_name }}",
    "containers": [_CONTAINER],
}
_OVERLAYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "kubernetes": {
        "variables": _VARIABLES,
        "jobConfiguration": {"job_manifest": {"spec": {"template": {"spec": _POD}}}},
    }
}


@functools.cache
def find_template(pool_type: str) -> Mapping[str, Any] | None:
    """Give the template of a type as its worker class has it; None: the server's is good enough."""
    if pool_type not in _VENDORED:
        return None
    file = files("meta_prefect.components") / "templates" / f"{pool_type}.json"
    template: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
    return template


def find_overlay(
    pool_type: str, defaults: Mapping[str, Any] | None = None
) -> Mapping[str, Any] | None:
    """
    Give what is laid over the template of a type, as `sdk.WorkPool` takes it; None: nothing.

    defaults: of variables, by name; the values may be outputs. None is no default.
    """
    overlay = _OVERLAYS.get(pool_type)
    given = {key: value for key, value in (defaults or {}).items() if value is not None}
    if not given:
        return overlay
    known = (overlay or {}).get("variables", {})
    variables = {key: {**known.get(key, {}), "default": value} for key, value in given.items()}
    return {**(overlay or {}), "variables": {**known, **variables}}
