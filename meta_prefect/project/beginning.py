"""
The beginning: the smallest project, or a deployer for a flow that has none.

Plans files and writes them; runs nothing. Not to be confused with `migration`, which begins from a
prefect.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.discovery import FlowSite, discover_flows
from meta_prefect.project.migration.expressions import Call
from meta_prefect.project.migration.flow_files import has_builders, write_builders
from meta_prefect.project.migration.records import FlowPlace
from meta_prefect.project.settings import ProjectSettings

_DEPLOYER: Final = Call("local_deployer", "meta_prefect.implementations.deployer")
_FLOW_FILE: Final = "flows.py"
_FLOW: Final = '''\
"""The project's flows."""

from prefect import flow

from meta_prefect.implementations.deployer import local_deployer

local_flow = local_deployer()(flow)


@local_flow
def my_flow(x: int = 1, y: int = 2) -> int:
    """Add two numbers x and y."""
    return x + y
'''
_TABLE: Final = "[tool.meta_prefect]"


@dataclass(frozen=True, slots=True)
class Beginning:
    """
    Files to write.

    files: whole texts, by path below the root.
    flow: one to bring up next; empty: there are several.
    """

    files: Mapping[str, str]
    flow: str = ""

    def write(self, root: Path) -> None:
        """
        Write the files.

        Raises:
            MetaPrefectError: one cannot be written.
        """
        for file, text in self.files.items():
            try:
                (root / file).write_text(text, "utf-8")
            except OSError as error:
                raise MetaPrefectError(
                    "MP1503", f"{file} cannot be written", why=error.strerror or str(error)
                ) from error


def plan_beginning(settings: ProjectSettings, site: FlowSite | None) -> Beginning:
    """
    Plan the smallest project; what is there already stays.

    site: a flow to put a deployer above; None: whatever the project lacks.

    Raises:
        MetaPrefectError: the flow has builders already.
    """
    if site is not None:
        return Beginning({site.file: _add_deployer(settings.root, site)}, site.name)
    files = dict(_plan_settings(settings))
    sites = discover_flows(settings.root, settings.excludes).sites
    if sites:
        return Beginning(files, sites[0].name if len(sites) == 1 else "")
    return Beginning({**files, _FLOW_FILE: _FLOW}, "my_flow")


def _add_deployer(root: Path, site: FlowSite) -> str:
    text = (root / site.file).read_text("utf-8")
    if has_builders(text, site.name):
        raise MetaPrefectError(
            "MP1505",
            f"flow {site.name} has builders already",
            where=f"{site.file} line {site.line}",
            fixes=(f"meta-prefect up {site.name}",),
            exit_code=ExitCode.USAGE,
        )
    return write_builders(text, {FlowPlace(site.file, site.name): [_DEPLOYER]})


def _plan_settings(settings: ProjectSettings) -> Iterator[tuple[str, str]]:
    """Name project and stack where no file does; a folder's name may change, a stack's may not."""
    path = settings.root / "pyproject.toml"
    before = path.read_text("utf-8") if path.exists() else ""
    if _TABLE not in before:
        table = f'{_TABLE}\nproject = "{settings.project}"\nstack = "{settings.stack}"\n'
        yield path.name, f"{before.rstrip()}\n\n{table}" if before.strip() else table
