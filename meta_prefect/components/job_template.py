"""
Base job templates: what our builders need beyond the template of a pool's type.

Pure. Everything per deployment is a job variable; only what needs a place in the manifest is laid
over the template, and always the same, so that flows share a pool. Not to be confused with
`provider.templates`, which does the laying.

Source: the template of `prefect-kubernetes` as Prefect 3.8.8 carries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

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
}
# A list is replaced whole, so the container is said again; an unset variable takes its key along.
_CONTAINER: Final[Mapping[str, Any]] = {
    "name": "prefect-job",
    "env": "{{ env }}",
    "image": "{{ image }}",
    "imagePullPolicy": "{{ image_pull_policy }}",
    "args": "{{ command }}",
    "resources": {
        "limits": {
            "cpu": "{{ cpu_limit }}",
            "memory": "{{ memory_limit }}",
            "nvidia.com/gpu": "{{ gpu }}",
        },
        "requests": {"cpu": "{{ cpu_request }}", "memory": "{{ memory_request }}"},
    },
}
_POD: Final[Mapping[str, Any]] = {
    "nodeSelector": "{{ node_selector }}",
    "tolerations": "{{ tolerations }}",
    "containers": [_CONTAINER],
}
_OVERLAYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "kubernetes": {
        "variables": _VARIABLES,
        "jobConfiguration": {"job_manifest": {"spec": {"template": {"spec": _POD}}}},
    }
}


def find_overlay(pool_type: str) -> Mapping[str, Any] | None:
    """Give what is laid over the template of a type, as `sdk.WorkPool` takes it; None: nothing."""
    return _OVERLAYS.get(pool_type)
