"""
Base job templates of work pools: the packaged defaults, overlays and what is wrong with one.

Pure but for reading the installed Prefect's data file; Prefect itself is not imported, which would
cost seconds. Not to be confused with `components.job_template`, which makes overlays of builders'
wishes.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from meta_prefect.provider.differences import Path as PropertyPath

_METADATA_FILE: Final = "prefect/server/api/collections_data/views/aggregate-worker-metadata.json"
_PARTS: Final = frozenset({"job_configuration", "variables"})
_PLACEHOLDER: Final = re.compile(r"{{\s*(\w+)\s*}}")


@functools.cache
def read_packaged_metadata() -> Mapping[str, Any]:
    """Read the worker metadata that the installed Prefect carries; empty when there is none."""
    try:
        path = Path(str(distribution("prefect").locate_file(_METADATA_FILE)))
    except PackageNotFoundError:
        return {}
    if not path.is_file():
        return {}
    metadata: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return metadata


def find_template(metadata: Mapping[str, Any], type: str) -> Mapping[str, Any] | None:
    """
    Find the default template of a worker type; None when the type is not in there.

    metadata: workers by package and type, as `/collections/views/aggregate-worker-metadata` gives.
    """
    for workers in metadata.values():
        if type in workers:
            template: Mapping[str, Any] = workers[type]["default_base_job_configuration"]
            return template
    return None


def lay_over(template: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """
    Lay an overlay over a template.

    overlay: `variables` by name, each laid over the variable's JSON schema; `jobConfiguration`,
        laid over the job configuration at every depth.
    """
    variables = dict(template.get("variables") or {"type": "object"})
    changed = overlay.get("variables") or {}
    variables["properties"] = _merge(variables.get("properties") or {}, changed, depth=2)
    configuration = _merge(
        template.get("job_configuration") or {}, overlay.get("jobConfiguration") or {}
    )
    return {**template, "job_configuration": configuration, "variables": variables}


def _merge(
    base: Mapping[str, Any], over: Mapping[str, Any], depth: int | None = None
) -> dict[str, Any]:
    """Merge objects; below `depth` levels the upper value wins whole, None is no limit."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping) and depth != 1:
            merged[key] = _merge(below, value, depth and depth - 1)
        else:
            merged[key] = value
    return merged


def place_of_overlay(path: PropertyPath) -> PropertyPath:
    """Say where a part of `templateOverlay` comes to be: a path in `baseJobTemplate`."""
    match path[1:]:
        case ("variables", *rest):
            return ("baseJobTemplate", "variables", "properties", *rest)
        case ("jobConfiguration", *rest):
            return ("baseJobTemplate", "job_configuration", *rest)
    return ("baseJobTemplate",)


def find_faults(template: Mapping[str, Any]) -> Iterator[str]:
    """Say what the server would refuse, or accept and fail on later."""
    if template.keys() != _PARTS:
        yield "must have exactly the keys job_configuration and variables"
        return
    known = (template["variables"] or {}).get("properties") or {}
    text = json.dumps(template["job_configuration"], default=str)
    for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
        if name not in known:
            yield f"{{{{ {name} }}}} in job_configuration is not one of the variables"


def hash_template(template: Mapping[str, Any]) -> str:
    """Give a short hash that does not depend on the order of keys."""
    text = json.dumps(template, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
