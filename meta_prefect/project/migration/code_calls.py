"""
Pull steps of prefect.yaml as calls of builders of code.

A file that names none means what `prefect deploy` would do where nobody answers questions. Source:
`_generate_default_pull_action` in `prefect.cli.deploy._actions` of Prefect 3.8.8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from meta_prefect.project.migration.build_outputs import BUILD_IMAGE, list_build_steps
from meta_prefect.project.migration.expressions import Call
from meta_prefect.project.migration.marked_yaml import MarkedList
from meta_prefect.project.migration.records import YamlDeployment
from meta_prefect.project.migration.trial import find_fault

_MODULE: Final = "meta_prefect.implementations.code"
_SET_FOLDER: Final = "prefect.deployments.steps.set_working_directory"
_IMAGE_FOLDER: Final = "/opt/prefect"

Say = Callable[[int, str], None]


def convert_pull(
    deployment: YamlDeployment,
    folders: tuple[Path, Path],
    deployed: Mapping[str, Any] | None,
    say: Say,
) -> Call:
    """
    Give the call that says where workers find the code.

    folders: the file's and the project's. deployed: the deployment in Prefect.
    say: told a line and what cannot be converted.
    """
    own, common = deployment.values.get("pull"), deployment.actions.get("pull")
    if "pull" in deployment.values and own == []:
        return Call("code_installed", _MODULE)
    if "pull" not in deployment.values and common == []:
        return Call("code_installed", _MODULE)
    steps = list(_list_good_steps(deployment, own or common or [], say))
    if steps:
        _warn_of_folders(deployment, steps, say)
        return Call("pull_steps", _MODULE, tuple(steps))
    return _convert_default(deployment, folders, deployed)


def _list_good_steps(deployment: YamlDeployment, found: Any, say: Say) -> Iterator[Any]:
    """Name each step that Prefect takes and no worker could do."""
    source = deployment.values if deployment.values.get("pull") else deployment.actions
    line = source.lines.get("pull", 0)
    steps = found if isinstance(found, list) else [found]
    lines = found.lines if isinstance(found, MarkedList) else [line] * len(steps)
    for step, place in zip(steps, lines, strict=True):
        is_step = isinstance(step, Mapping)
        fault = find_fault(Call("pull_steps", _MODULE, (step,))) if is_step else f"{step!r}"
        if fault:
            say(place, f"a pull step is no step: {fault}: left out")
        else:
            yield step


def _convert_default(
    deployment: YamlDeployment, folders: tuple[Path, Path], deployed: Mapping[str, Any] | None
) -> Call:
    folder, root = folders
    there = find_folder(deployed)
    if any(BUILD_IMAGE in step for step in list_build_steps(deployment)):
        return Call("code_image", _MODULE, (there or f"{_IMAGE_FOLDER}/{folder.name}",))
    pool = deployment.values.get("work_pool")
    variables = pool.get("job_variables") if isinstance(pool, Mapping) else None
    if isinstance(variables, Mapping) and variables.get("image"):
        return Call("code_image", _MODULE, (there or _IMAGE_FOLDER,))
    place = there or str(folder)
    return Call("code_local", _MODULE, (place,) if place != str(root) else ())


def find_folder(deployed: Mapping[str, Any] | None) -> str:
    """Give the folder that a deployment was given by default; empty when it was given none."""
    match (deployed or {}).get("pull_steps"):
        case [{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}]:
            return folder
    return ""


def _warn_of_folders(deployment: YamlDeployment, steps: Any, say: Say) -> None:
    for step in steps:
        inputs = step.get(_SET_FOLDER)
        folder = inputs.get("directory") if isinstance(inputs, Mapping) else None
        if folder and Path(str(folder)).is_absolute() and not Path(str(folder)).exists():
            source = deployment.values if "pull" in deployment.values else deployment.actions
            say(source.lines["pull"], f"the folder {folder} is not on this machine")
