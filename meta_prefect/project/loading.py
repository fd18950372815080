"""
Loading: import the one file that holds a chosen flow and read what its builders recorded.

Runs the user's code, once per file, in this process: a builder's `declare` needs the very objects.
`META_PREFECT_LOADING=1` is set meanwhile. An error in the user's file shows the user's frames only.
Not to be confused with `project.discovery`, which finds the file without running it.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.components.naming import build_deployment_name
from meta_prefect.components.planned_deployment import PlannedDeployment, plan_deployment
from meta_prefect.interfaces.blueprint import Blueprint, find_blueprint
from meta_prefect.interfaces.deployment import DeploymentSpec, FlowSource, Json
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.discovery import leave_out
from meta_prefect.project.environment import environment_variable, import_prefect
from meta_prefect.project.sources import hash_content, list_content

if TYPE_CHECKING:
    from prefect import Flow

    from meta_prefect.project.discovery import FlowSite

_LOADING_VARIABLE: Final = "META_PREFECT_LOADING"


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """
    A flow with everything that its deployments are made from.

    name: logical name, as the project calls it.
    base: the spec before any builder; it belongs to no deployment and no stack yet.
    """

    name: str
    blueprint: Blueprint
    base: DeploymentSpec

    def plan(self, stack: str, deployment: str = "") -> PlannedDeployment:
        """
        Let the builders finish one deployment for a stack.

        Raises:
            MetaPrefectError: a builder failed, or the result can be no deployment.
        """
        source = self.base.source
        base = replace(
            self.base,
            name=build_deployment_name(stack, deployment),
            deployment=deployment,
            stack=stack,
        )
        with _user_code("MP2101", f"a builder of {self.name} failed", Path(source.root), source):
            return plan_deployment(base, self.blueprint)


class FlowLoader:
    """Imports flow files of one project, each at most once."""

    def __init__(self, root: Path) -> None:
        """Load below the project's root."""
        self._root = root
        self._modules: dict[Path, ModuleType] = {}

    def load(self, site: FlowSite) -> LoadedFlow:
        """
        Import the file and read the flow.

        Raises:
            MetaPrefectError: the import failed, the name is no flow, or no builder was
                applied.
        """
        flow = self._find_flow(site)
        blueprint = find_blueprint(flow)
        if blueprint is None:
            raise without_builders(site)
        return read_flow(site, flow, blueprint, self._root)

    def load_deployable(self, sites: Iterable[FlowSite]) -> list[LoadedFlow]:
        """
        Import the files of many flows and read those that builders were applied to.

        Raises:
            MetaPrefectError: an import failed, a name is no flow, or two flows have one name.
        """
        loaded: dict[FlowSite, LoadedFlow] = {}
        for site in sites:
            flow = self._find_flow(site)
            blueprint = find_blueprint(flow)
            if blueprint is not None:
                loaded[site] = read_flow(site, flow, blueprint, self._root)
        refuse_twins(loaded)
        return list(loaded.values())

    def _find_flow(self, site: FlowSite) -> Flow[..., Any]:
        import_prefect()
        from prefect import Flow

        found: Any = self._import(site)
        for part in site.name.split("."):
            found = getattr(found, part, None)
        if not isinstance(found, Flow):
            raise MetaPrefectError(
                "MP1106",
                f"{site.name} is not a flow",
                where=f"{site.file} line {site.line}",
                why=f"it is {type(found).__name__} after the file was imported",
                fixes=("put @flow, or a deployer's decorator, right above the function",),
                exit_code=ExitCode.USAGE,
            )
        return found

    def _import(self, site: FlowSite) -> ModuleType:
        path = self._root / site.file
        if path not in self._modules:
            fixes = (f"python {site.file}", leave_out(site.file))
            with _user_code("MP1104", f"{site.file} cannot be imported", self._root, fixes=fixes):
                self._modules[path] = _import_file(path, self._root)
        return self._modules[path]


def read_flow(site: FlowSite, flow: Flow[..., Any], blueprint: Blueprint, root: Path) -> LoadedFlow:
    """Read what the flow itself says about its deployments; the site names it in its file."""
    path = root / site.file
    source = FlowSource(
        root=str(root),
        file=site.file,
        attribute=site.name,
        line=site.line,
        content_hash=hash_content(path, root),
        files=tuple(item.relative_to(root).as_posix() for item in list_content(path, root)),
    )
    return LoadedFlow(site.name, blueprint, _base_spec(flow, source, path))


def _import_file(path: Path, root: Path) -> ModuleType:
    """Execute a file as Prefect's workers do: its folder and the root in front of `sys.path`."""
    name = (
        path.stem if path.stem not in sys.modules else f"meta_prefect_flow_{hash(path) & 0xFFFF:x}"
    )
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no loader for {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with environment_variable(_LOADING_VARIABLE, "1"), _first_on_path(path.parent, root):
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextmanager
def _first_on_path(*folders: Path) -> Iterator[None]:
    """Look for modules in these folders first; afterwards last, so that they shadow nobody."""
    added = [str(folder) for folder in folders if str(folder) not in sys.path]
    sys.path[:0] = added
    try:
        yield
    finally:
        for folder in added:
            sys.path.remove(folder)
        sys.path.extend(added)


def _base_spec(flow: Flow[..., Any], source: FlowSource, path: Path) -> DeploymentSpec:
    return DeploymentSpec(
        flow_name=flow.name,
        name="",
        source=source,
        parameter_schema=_parameter_schema(flow),
        description=(flow.description or "").rstrip("\n"),
        version=_own_version(flow, path) or source.content_hash,
    )


def _own_version(flow: Flow[..., Any], path: Path) -> str:
    """Give the version that the author wrote; Prefect puts a hash of the file where none is."""
    from prefect.utilities.hashing import file_hash

    version = flow.version or ""
    return "" if version == file_hash(str(path)) else version


def _parameter_schema(flow: Flow[..., Any]) -> dict[str, Json]:
    """Read signature and docstring; a default that JSON cannot hold stays the function's own."""
    from prefect.utilities.callables import parameter_schema

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Default value .* is not JSON serializable")
        schema: dict[str, Json] = parameter_schema(flow).model_dump_for_openapi()
    return schema


def refuse_twins(sites: Iterable[FlowSite]) -> None:
    """
    Make sure that no two flows that are to be in one stack have one name.

    Raises:
        MetaPrefectError: MP1109.
    """
    seen: dict[str, FlowSite] = {}
    for site in sites:
        if site.name in seen:
            raise _doubled(seen[site.name], site)
        seen[site.name] = site


def _doubled(first: FlowSite, second: FlowSite) -> MetaPrefectError:
    places = [f"{site.file} line {site.line}" for site in (first, second)]
    return MetaPrefectError(
        "MP1109",
        f"two flows of the project are called {first.name}",
        where=", ".join(places),
        why="a stack holds one flow of a name",
        fixes=("rename one of them", 'exclude = ["FOLDER"]  # in [tool.meta_prefect]'),
        exit_code=ExitCode.USAGE,
    )


def without_builders(site: FlowSite) -> MetaPrefectError:
    """Say that nothing tells where a flow runs."""
    return MetaPrefectError(
        "MP1103",
        f"flow {site.name} has no deployer",
        where=f"{site.file} line {site.line}",
        why="no builder was applied to it, so nothing says where it runs "
        "(a copy made by `with_options` starts without builders)",
        fixes=(
            "from meta_prefect.implementations.deployer import local_deployer",
            "put @local_deployer() above @flow",
        ),
        exit_code=ExitCode.USAGE,
    )


@contextmanager
def _user_code(
    code: str,
    summary: str,
    root: Path,
    source: FlowSource | None = None,
    fixes: tuple[str, ...] = (),
) -> Iterator[None]:
    """Turn whatever the user's code raises into one diagnostic with the user's frames."""
    try:
        yield
    except (KeyboardInterrupt, MetaPrefectError):
        raise
    except BaseException as error:
        frames = _user_frames(error, root)
        place = f"{frames[-1].filename} line {frames[-1].lineno}" if frames else ""
        if not place and source is not None:
            place = f"{source.file} line {source.line}"
        raise MetaPrefectError(
            code,
            summary,
            where=place,
            why="\n".join([f"{type(error).__name__}: {error}", *map(_render_frame, frames)]),
            fixes=fixes,
            exit_code=ExitCode.USAGE,
        ) from error


def _user_frames(error: BaseException, root: Path) -> list[traceback.FrameSummary]:
    """Give the frames in the project's own files, their paths below the root."""
    found = []
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(root) and "site-packages" not in path.parts:
            relative = str(path.relative_to(root))
            found.append(
                traceback.FrameSummary(relative, frame.lineno, frame.name, line=frame.line)
            )
    return found


def _render_frame(frame: traceback.FrameSummary) -> str:
    return f"  {frame.filename} line {frame.lineno} in {frame.name}: {frame.line}"
