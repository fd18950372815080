"""
Permissions inside a cluster: exactly what each program asks the API server for.

Pure. Tried for the worker with prefect-kubernetes 0.8.0; those of Dask follow the calls of
dask-kubernetes 2026.3.0. Not to be confused with `policies`, permissions in AWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What may be done with some kinds of objects.

    group: of the API; empty for the core one.
    resources: plural, such as `pods/log`.
    """

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]


_LOOK: Final = ("get", "list", "watch")
_CHANGE: Final = ("create", "delete", "get", "list", "patch", "watch")
_DASK: Final = "kubernetes.dask.org"

WORKER: Final = (
    Rule("batch", ("jobs",), ("create", "delete", *_LOOK)),
    Rule("", ("pods",), _LOOK),
    Rule("", ("pods/log",), ("get",)),
)
DASK_OPERATOR: Final = (
    Rule(
        _DASK,
        (
            "daskautoscalers",
            "daskclusters",
            "daskjobs",
            "daskjobs/status",
            "daskworkergroups",
            "daskworkergroups/scale",
        ),
        _CHANGE,
    ),
    Rule("", ("pods", "services"), _CHANGE),
    Rule("", ("pods/status", "services/status"), ("get", "patch")),
    Rule("", ("events",), ("create", "patch")),
    Rule("apps", ("deployments",), _CHANGE),
)
DASK_OPERATOR_EVERYWHERE: Final = (
    Rule("apiextensions.k8s.io", ("customresourcedefinitions",), ("list", "watch")),
    Rule("", ("namespaces",), ("list", "watch")),
)
DASK_FLOW: Final = (
    Rule(_DASK, ("daskautoscalers", "daskclusters", "daskworkergroups"), _CHANGE),
    Rule(_DASK, ("daskworkergroups/scale",), ("get", "patch")),
    Rule("", ("pods", "services"), _LOOK),
    Rule("", ("pods/log",), ("get",)),
)
# Source: the cluster autoscaler's manifests for AWS, 1.35.
AUTOSCALER: Final = (
    Rule("", ("configmaps",), ("create", "delete", "get", "list", "update", "watch")),
)
AUTOSCALER_EVERYWHERE: Final = (
    Rule("", ("events",), ("create", "patch")),
    Rule("", ("pods/eviction",), ("create",)),
    Rule("", ("pods/status",), ("update",)),
    Rule("", ("nodes",), (*_LOOK, "update")),
    Rule(
        "",
        (
            "namespaces",
            "persistentvolumeclaims",
            "persistentvolumes",
            "pods",
            "replicationcontrollers",
            "services",
        ),
        _LOOK,
    ),
    Rule("apps", ("daemonsets", "replicasets", "statefulsets"), _LOOK),
    Rule("batch", ("jobs",), _LOOK),
    Rule("policy", ("poddisruptionbudgets",), _LOOK),
    Rule(
        "storage.k8s.io",
        ("csidrivers", "csinodes", "csistoragecapacities", "storageclasses", "volumeattachments"),
        _LOOK,
    ),
    Rule("resource.k8s.io", ("deviceclasses", "resourceclaims", "resourceslices"), _LOOK),
    Rule("coordination.k8s.io", ("leases",), ("create", "get", "update")),
)


def render_rules(rules: Iterable[Rule]) -> list[Mapping[str, Any]]:
    """Give rules as the SDK's classes for roles take them."""
    return [
        {
            "api_groups": [rule.group],
            "resources": sorted(rule.resources),
            "verbs": sorted(rule.verbs),
        }
        for rule in rules
    ]
