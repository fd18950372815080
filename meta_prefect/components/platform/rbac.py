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
