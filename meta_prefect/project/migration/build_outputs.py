"""
What build steps give that is known without running them: the image that one builds.

Source: the result of `build_docker_image` in `prefect_docker.deployments.steps`, and `run_steps` in
`prefect.deployments.steps.core` of Prefect 3.8.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from meta_prefect.project.migration.marked_yaml import MarkedList, MarkedMap
from meta_prefect.project.migration.records import YamlDeployment

BUILD_IMAGE: Final = "prefect_docker.deployments.steps.build_docker_image"
_ACTIONS: Final = frozenset({"build", "push", "pull"})
_PLACEHOLDER: Final = re.compile(r"\{\{\s*([\w.\-]+)\s*\}\}")


def fill_in_outputs(deployment: YamlDeployment) -> YamlDeployment:
    """Put the names of images into the places where a file refers to the step that builds them."""
    outputs = dict(_list_outputs(deployment))
    if not outputs:
        return deployment
    actions = MarkedMap(deployment.actions.line)
    actions.lines = deployment.actions.lines
    actions.update((key, deployment.actions[key]) for key in _ACTIONS & deployment.actions.keys())
    return YamlDeployment(_fill(deployment.values, outputs), _fill(actions, outputs))


def list_build_steps(deployment: YamlDeployment) -> list[Mapping[str, Any]]:
    """Give the build steps of a deployment, which are the file's where it has none of its own."""
    own = deployment.values
    steps = own.get("build") if "build" in own else deployment.actions.get("build")
    found = [steps] if isinstance(steps, Mapping) else steps
    return [step for step in found if isinstance(step, Mapping)] if isinstance(found, list) else []


def _list_outputs(deployment: YamlDeployment) -> Iterator[tuple[str, str]]:
    for step in list_build_steps(deployment):
        inputs = step.get(BUILD_IMAGE)
        if not isinstance(inputs, Mapping):
            continue
        name, tag = inputs.get("image_name"), inputs.get("tag")
        if not name or tag is None or "{{" in f"{name}{tag}":
            continue
        values = {"image_name": str(name), "tag": str(tag), "image": f"{name}:{tag}"}
        yield from values.items()
        if inputs.get("id"):
            yield from ((f"{inputs['id']}.{key}", value) for key, value in values.items())


def _fill(value: Any, outputs: Mapping[str, str]) -> Any:
    """Give a copy with its lines in which the outputs stand in the place of their names."""
    match value:
        case MarkedMap():
            filled = MarkedMap(value.line)
            filled.lines = value.lines
            filled.update((key, _fill(item, outputs)) for key, item in value.items())
            return filled
        case MarkedList():
            items = MarkedList(value.line)
            items.lines = value.lines
            items.extend(_fill(item, outputs) for item in value)
            return items
        case str():
            return _PLACEHOLDER.sub(lambda found: outputs.get(found[1], found[0]), value)
    return value
