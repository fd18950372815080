"""
Flows inside a Pulumi program that a team already has: `meta_prefect.deploy(my_flow)`.

Makes the same components as `meta-prefect up`, in the stack whose program is running, with any
engine. Not to be confused with `program`, which is a whole program made from flows.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi
from prefect import Flow

from meta_prefect.components.access import PrefectAccess
from meta_prefect.components.base import Surroundings
from meta_prefect.components.catalogue import Shared, list_names
from meta_prefect.components.deployed_flow import DeployedFlow
from meta_prefect.components.planned_deployment import PlannedDeployment
from meta_prefect.components.server import declare_existing_prefect, declare_local_prefect
from meta_prefect.components.work_pool import GivenPool
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.flow_objects import read_flow_object
from meta_prefect.project.place import find_place
from meta_prefect.project.program import plan_flow
from meta_prefect.project.settings import FOLDER

Prefect = pulumi.ProviderResource | pulumi.Input[str] | None

# What the flows of one running program share, by the stack of that program.
_PROGRAMS: Final[WeakKeyDictionary[pulumi.Resource, tuple[Prefect, Shared]]] = WeakKeyDictionary()


def deploy(
    flow: Flow[..., Any],
    *,
    prefect: Prefect = None,
    deployments: Sequence[str] = (),
    pools: Mapping[str, GivenPool] | None = None,
    parameters: Mapping[str, pulumi.Input[Any]] | None = None,
    job_variables: Mapping[str, pulumi.Input[Any]] | None = None,
    root: str | Path | None = None,
    opts: pulumi.ResourceOptions | None = None,
) -> DeployedFlow:
    """
    Declare a flow with everything that its builders require.

    prefect: a provider, or the URL of an API; None: what environment and profile say, else a
        local server. The same for all flows of a program.
    deployments: names of those to declare; empty: all.
    pools: which pools the builders mean by `existing(NAME)`, by that name: resources of this
        program, or names of pools in Prefect. What is not named here is looked up by its name.
    parameters, job_variables: laid over what the builders say, in every deployment; may hold
        outputs of other resources.
    root: the project's folder, above the flow's file; None: the one around that file.

    Raises:
        MetaPrefectError: the flow has no builders, they contradict each other, or the program
            deploys to another Prefect already.
    """
    loaded = read_flow_object(flow, Path(root) if root is not None else None)
    planned = plan_flow(loaded, pulumi.get_stack(), deployments)
    list(list_names(planned.needs))
    shared = _find_shared(prefect, loaded.base.source.root)
    shared.bind(pools or {})
    finished = [_lay_over(item, parameters, job_variables) for item in planned.deployments]
    return DeployedFlow(planned.name, finished, shared, opts)


def _lay_over(
    item: PlannedDeployment,
    parameters: Mapping[str, Any] | None,
    job_variables: Mapping[str, Any] | None,
) -> PlannedDeployment:
    spec = item.spec.with_parameters(parameters or {}).with_job_variables(job_variables or {})
    return replace(item, spec=spec)


def _find_shared(prefect: Prefect, root: str) -> Shared:
    """Give what the flows of the running program share, made for the first of them."""
    program = pulumi.runtime.get_root_resource()
    if program is None:
        return _build_shared(prefect, root)
    if program not in _PROGRAMS:
        _PROGRAMS[program] = (prefect, _build_shared(prefect, root))
    first, shared = _PROGRAMS[program]
    if first is not prefect and not (isinstance(first, str) and first == prefect):
        raise MetaPrefectError(
            "MP2111",
            "one program deploys flows to two Prefects",
            why="flows share pools and workers, which are in one Prefect",
            fixes=("give every deploy(...) the same `prefect`",),
            exit_code=ExitCode.USAGE,
        )
    return shared


def _build_shared(prefect: Prefect, root: str) -> Shared:
    provider, access = _declare_prefect(prefect, Path(root))
    names = (pulumi.get_project(), pulumi.get_stack())
    return Shared(Surroundings(*names, root, provider, access))


def _declare_prefect(prefect: Prefect, root: Path) -> tuple[pulumi.ProviderResource, PrefectAccess]:
    """Give a provider, and what workers in other places need to reach the same Prefect."""
    if isinstance(prefect, pulumi.ProviderResource):
        return prefect, PrefectAccess()
    place = find_place("", os.environ)
    if prefect is not None:
        named = replace(place, api_url=prefect if isinstance(prefect, str) else "")
        return declare_existing_prefect(prefect), named.access
    if place.api_url:
        return declare_existing_prefect(place.api_url), place.access
    return declare_local_prefect(root / FOLDER / "prefect"), place.access
