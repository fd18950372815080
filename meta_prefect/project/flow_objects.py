"""
Flows that are there as objects: imported by a program or a test, not found by name.

Not to be confused with `loading`, which imports the file of a flow that was found.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meta_prefect.interfaces.blueprint import find_blueprint
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.discovery import FlowSite
from meta_prefect.project.loading import LoadedFlow, read_flow, without_builders
from meta_prefect.project.settings import find_root

if TYPE_CHECKING:
    from prefect import Flow


def read_flow_object(
    flow: Flow[..., Any], root: Path | None = None, *, must_be_found: bool = True
) -> LoadedFlow:
    """
    Read a flow with its builders.

    root: the project's folder, above the flow's file; None: the one around that file.
    must_be_found: a worker has to find the flow under a name of its module; False: take the name of
        the function where it has none, for a flow that is looked at only.

    Raises:
        MetaPrefectError: no builder was applied, or the flow has no name in its module.
    """
    path = Path(inspect.getsourcefile(flow.fn) or "").resolve()
    root = find_root(path.parent) if root is None else root.resolve()
    name = _find_name(flow) or ("" if must_be_found else flow.fn.__name__)
    line = flow.fn.__code__.co_firstlineno
    site = FlowSite(name, flow.name, path.relative_to(root).as_posix(), line)
    if not name:
        raise _nameless(site)
    blueprint = find_blueprint(flow)
    if blueprint is None:
        raise without_builders(site)
    return read_flow(site, flow, blueprint, root)


def _find_name(flow: Flow[..., Any]) -> str:
    """Find the name in its module that holds this very object; empty when there is none."""
    module = sys.modules.get(flow.fn.__module__)
    names = (name for name, value in vars(module).items() if value is flow) if module else ()
    return next(iter(names), "")


def _nameless(site: FlowSite) -> MetaPrefectError:
    return MetaPrefectError(
        "MP1111",
        f"the flow {site.flow_name} has no name by which a worker finds it",
        where=f"{site.file} line {site.line}",
        why="no variable at the top of its module holds it: it was made inside a function, or in "
        "another module than its function",
        fixes=("give it a name at the top of its module:  my_flow = ...",),
        exit_code=ExitCode.USAGE,
    )
