"""
Deployment specs: what a flow's Prefect deployment should look like.

Builders take a spec and give a changed copy; `components.deployed_flow` turns the last one into
resources. Not to be confused with `provider.sdk.Deployment`, which is Prefect's API as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from meta_prefect.interfaces.components import WorkerPool

Json: TypeAlias = Any  # any JSON value, as Prefect's API takes it
JsonMap: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class FlowSource:
    """
    Where a flow is written.

    root: absolute folder of the project.
    file: path below the root, `/` on every system.
    attribute: name in the file that holds the flow: `my_flow`, `Class.method`.
    line: of the decorated function.
    content_hash: of the file and the project's modules that it imports, in hex.
    """

    root: str
    file: str
    attribute: str
    line: int = 0
    content_hash: str = ""

    @property
    def entrypoint(self) -> str:
        """The flow as Prefect's workers find it, below the root."""
        return f"{self.file}:{self.attribute}"


@dataclass(frozen=True, slots=True)
class LocalCode:
    """
    Code that the worker finds in a folder of its own machine.

    path: absolute folder; empty means the project's root.
    """

    path: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentSpec:
    """
    One deployment of one flow.

    flow_name: the flow's name in Prefect.
    name: the deployment's name in Prefect.
    source: where the flow is written.
    parameter_schema: JSON schema of the parameters, from signature and docstring.
    description: Markdown, shown in Prefect's UI.
    version: free text.
    tags: unique; order means nothing.
    work_pool: None: no worker runs it.
    work_queue: empty: the pool's default queue.
    code: where the worker finds the code; None: the `pull_steps` say it.
    pull_steps: run by the worker before the flow, as in Prefect: `{step: inputs}`.
    entrypoint: as Prefect has it; empty: that of the source.
    parameters: defaults of the flow's parameters.
    enforce_parameter_schema: refuse runs whose parameters do not fit the schema.
    job_variables: overrides for the pool's base job template.
    schedules: as in Prefect: `cron`, `interval` (seconds) or `rrule`, with `timezone`, `active`,
        `parameters`, `slug`. None: schedules are not managed here.
    concurrency_limit: runs at once; None means no limit.
    collision_strategy: at the limit: `ENQUEUE` or `CANCEL_NEW`.
    paused: None: left as it is.
    labels: by name; text, numbers and booleans.
    """

    flow_name: str
    name: str
    source: FlowSource
    parameter_schema: JsonMap = field(default_factory=dict)
    description: str = ""
    version: str = ""
    tags: tuple[str, ...] = ()
    work_pool: WorkerPool | None = None
    work_queue: str = ""
    code: LocalCode | None = None
    pull_steps: tuple[JsonMap, ...] = ()
    entrypoint: str = ""
    parameters: JsonMap = field(default_factory=dict)
    enforce_parameter_schema: bool = True
    job_variables: JsonMap = field(default_factory=dict)
    schedules: tuple[JsonMap, ...] | None = None
    concurrency_limit: int | None = None
    collision_strategy: str = ""
    paused: bool | None = None
    labels: JsonMap = field(default_factory=dict)

    def with_tags(self, tags: Iterable[str]) -> DeploymentSpec:
        """Add tags to those that are there."""
        return replace(self, tags=tuple(sorted({*self.tags, *tags})))

    def with_job_variables(self, variables: JsonMap) -> DeploymentSpec:
        """Lay job variables over those that are there; the new ones win."""
        return replace(self, job_variables={**self.job_variables, **variables})

    def with_parameters(self, parameters: JsonMap) -> DeploymentSpec:
        """Lay parameter defaults over those that are there; the new ones win."""
        return replace(self, parameters={**self.parameters, **parameters})
