"""
Pull steps of prefect.yaml as calls of builders of code.

A file that names none means what `prefect deploy` would do where nobody answers questions. Source:
`_generate_default_pull_action` in `prefect.cli.deploy._actions` of Prefect 3.8.8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from meta_prefect.project.migration.expressions import Call
from meta_prefect.project.migration.records import YamlDeployment

_MODULE: Final = "meta_prefect.implementations.code"
_SET_FOLDER: Final = "prefect.deployments.steps.set_working_directory"
_BUILD_IMAGE: Final = "prefect_docker.deployments.steps.build_docker_image"
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
    steps = own or common
    if isinstance(steps, Mapping):
        steps = [steps]
    if steps:
        _warn_of_folders(deployment, steps, say)
        return Call("pull_steps", _MODULE, tuple(steps))
    return _convert_default(deployment, folders, deployed)


def _convert_default(
    deployment: YamlDeployment, folders: tuple[Path, Path], deployed: Mapping[str, Any] | None
) -> Call:
    folder, root = folders
    there = _find_folder(deployed)
    if _find_image_step(deployment) is not None:
        return Call("code_image", _MODULE, (there or f"{_IMAGE_FOLDER}/{folder.name}",))
    pool = deployment.values.get("work_pool")
    variables = pool.get("job_variables") if isinstance(pool, Mapping) else None
    if isinstance(variables, Mapping) and variables.get("image"):
        return Call("code_image", _MODULE, (there or _IMAGE_FOLDER,))
    place = there or str(folder)
    return Call("code_local", _MODULE, (place,) if place != str(root) else ())


def _find_image_step(deployment: YamlDeployment) -> Mapping[str, Any] | None:
    build = deployment.values.get("build") or deployment.actions.get("build") or []
    steps = [build] if isinstance(build, Mapping) else build
    found = (step[_BUILD_IMAGE] for step in steps if _BUILD_IMAGE in step)
    return next(found, None)


def _find_folder(deployed: Mapping[str, Any] | None) -> str:
    """Give the folder that a deployment was given by default; empty when it was given none."""
    match (deployed or {}).get("pull_steps"):
        case [{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}]:
            return folder
    return ""


def _warn_of_folders(deployment: YamlDeployment, steps: Any, say: Say) -> None:
    for step in steps:
        folder = (step.get(_SET_FOLDER) or {}).get("directory")
        if folder and Path(str(folder)).is_absolute() and not Path(str(folder)).exists():
            source = deployment.values if "pull" in deployment.values else deployment.actions
            say(source.lines["pull"], f"the folder {folder} is not on this machine")
