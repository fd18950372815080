"""
Deployment specs: what a flow's Prefect deployment should look like.

Builders take a spec and give a changed copy; `components.deployed_flow` turns the last one into
resources. Not to be confused with `provider.sdk.Deployment`, which is Prefect's API as it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from meta_prefect.interfaces.automation import Automation
from meta_prefect.interfaces.components import (
    ClusterAutoscaler,
    CodeBucket,
    DaskOperator,
    Namespace,
    NodeGroup,
    SharedLimit,
    Worker,
    WorkerPool,
    WorkQueue,
)
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

Json: TypeAlias = Any  # any JSON value, as Prefect's API takes it
JsonMap: TypeAlias = Mapping[str, Json]

IMAGE_VARIABLE: Final = "META_PREFECT_IMAGE"
"""Tells a run its image, for the pods of its Dask cluster."""
DASK_ENV_VARIABLE: Final = "META_PREFECT_DASK_ENV"
"""Tells a run which variables its deployment gave it, for the tasks on its Dask cluster."""


@dataclass(frozen=True, slots=True)
class FlowSource:
    """
    Where a flow is written.

    root: absolute folder of the project.
    file: path below the root, `/` on every system.
    attribute: name in the file that holds the flow: `my_flow`, `Class.method`.
    line: of the decorated function.
    content_hash: of the file and the project's modules that it imports, in hex.
    files: these files, as `file`.
    """

    root: str
    file: str
    attribute: str
    line: int = 0
    content_hash: str = ""
    files: tuple[str, ...] = ()

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
class ImageCode:
    """
    Code that lies in the image in which the flow runs.

    path: absolute folder in the image that stands for the project's root.
    """

    path: str


@dataclass(frozen=True, slots=True)
class GitCode:
    """
    Code that the worker clones; the repository's root stands for the project's.

    branch: empty: the default one, or that of the commit.
    commit: full hash; empty: the newest one.
    credentials: a block with them, `TYPE/NAME`; empty: none are needed.
    submodules: clone these too.
    """

    repository: str
    branch: str = ""
    commit: str = ""
    credentials: str = ""
    submodules: bool = False


@dataclass(frozen=True, slots=True)
class BucketCode:
    """
    Code that the worker copies from an S3 bucket.

    folder: in the bucket; stands for the project's root.
    credentials: an `aws-credentials` block, by name; empty: those of the worker.
    """

    bucket: str
    folder: str
    credentials: str = ""


@dataclass(frozen=True, slots=True)
class InstalledCode:
    """Code that is where runs start: in a package that is installed there, or in their folder."""


@dataclass(frozen=True, slots=True)
class UploadedCode:
    """
    Code that `up` puts into a bucket of the stack: the flow's file and the modules it imports.

    folder: in the bucket; another one for other contents.
    """

    bucket: CodeBucket
    folder: str


Code: TypeAlias = LocalCode | ImageCode | GitCode | BucketCode | InstalledCode | UploadedCode


@dataclass(frozen=True, slots=True)
class DeploymentSpec:
    """
    One deployment of one flow.

    flow_name: the flow's name in Prefect.
    name: the deployment's name in Prefect.
    source: where the flow is written.
    deployment: what the project calls it; empty: the default one.
    stack: the stack that it is part of.
    parameter_schema: JSON schema of the parameters, from signature and docstring.
    description: Markdown, shown in Prefect's UI.
    version: free text.
    tags: unique; order means nothing.
    work_pool: None: no worker runs it.
    placed_by: the builder that chose the pool, as users write it; empty: none of ours.
    given_up: pools that an inner builder chose, and an outer one replaced.
    worker: to keep running for the pool, in place of what the builders require; None: just that.
    work_queue: of the pool: the name of one that is there, or one to make. Empty: the default one.
    code: where the worker finds the code; None: the `pull_steps` say it.
    pull_steps: run by the worker before the flow, as in Prefect: `{step: inputs}`.
    entrypoint: as Prefect has it; empty: that of the source.
    parameters: defaults of the flow's parameters.
    enforce_parameter_schema: refuse runs whose parameters do not fit the schema.
    job_variables: overrides for the pool's base job template.
    packages: to install before a run, as pip takes them; only where a container is started.
    schedules: as `provider.sdk.Deployment` takes them: `cron` (with `dayOr`), `interval` (seconds,
        with `anchorDate`) or `rrule`, with `timezone`, `active`, `parameters`, `slug`,
        `maxScheduledRuns`. None: schedules are not managed here.
    concurrency_limit: runs at once; None means no limit of its own.
    shared_limit: one that it shares with others; in place of one of its own.
    collision_strategy: at the limit: `ENQUEUE` or `CANCEL_NEW`.
    grace_period_seconds: how long a slot is kept for a run that does not start.
    paused: None: left as it is.
    labels: by name; text, numbers and booleans.
    automations: what happens by itself around the deployment.
    kept: fields of this record that stay what they are in Prefect, once the deployment is there.
    uses_dask: its runs make Dask clusters where they are.
    dask_nodes: to make for the workers of these; None: none.
    """

    flow_name: str
    name: str
    source: FlowSource
    deployment: str = ""
    stack: str = ""
    parameter_schema: JsonMap = field(default_factory=dict)
    description: str = ""
    version: str = ""
    tags: tuple[str, ...] = ()
    work_pool: WorkerPool | None = None
    placed_by: str = ""
    given_up: tuple[WorkerPool, ...] = ()
    worker: Worker | None = None
    work_queue: str | WorkQueue = ""
    code: Code | None = None
    pull_steps: tuple[JsonMap, ...] = ()
    entrypoint: str = ""
    parameters: JsonMap = field(default_factory=dict)
    enforce_parameter_schema: bool = True
    job_variables: JsonMap = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    schedules: tuple[JsonMap, ...] | None = None
    concurrency_limit: int | None = None
    shared_limit: SharedLimit | None = None
    collision_strategy: str = ""
    grace_period_seconds: int | None = None
    paused: bool | None = None
    labels: JsonMap = field(default_factory=dict)
    automations: tuple[Automation, ...] = ()
    kept: tuple[str, ...] = ()
    uses_dask: bool = False
    dask_nodes: NodeGroup | None = None

    @property
    def where(self) -> str:
        """The place of the flow, for messages."""
        return f"{self.source.file} line {self.source.line}" if self.source.line else ""

    @property
    def queue(self) -> WorkQueue | None:
        """The queue to make, as one of the deployment's pool; None when none is to be made."""
        if isinstance(self.work_queue, str) or self.work_pool is None:
            return None
        return replace(self.work_queue, pool=self.work_pool)

    @property
    def own_worker(self) -> Worker | None:
        """The worker to keep running, as one of the deployment's pool; None when none is named."""
        if self.worker is None or self.work_pool is None:
            return None
        return replace(self.worker, pool=self.work_pool)

    @property
    def needs(self) -> frozenset[Hashable]:
        """The records of what it names itself: its pool, queue, worker, limit and blocks."""
        named = (
            self.work_pool,
            self.queue,
            self.own_worker,
            self.shared_limit,
            self.dask_operator,
            self.dask_nodes,
            self.dask_autoscaler,
        )
        code = self.code.bucket if isinstance(self.code, UploadedCode) else None
        blocks = (block for item in self.automations for block in item.blocks)
        return frozenset(need for need in (*named, code, *blocks) if need is not None)

    def gave_up(self, need: Hashable) -> bool:
        """Say whether an outer builder put something else in the place of what one requires."""
        if not isinstance(need, Worker):
            return bool({need, getattr(need, "pool", None)} & {*self.given_up})
        own = self.own_worker
        replaced = own is not None and (own.pool, own.name) == (need.pool, need.name)
        return replaced or need.pool in self.given_up

    @property
    def dask_operator(self) -> DaskOperator | None:
        """The operator for its Dask clusters; None where the stack does not say where runs are."""
        place = None if self.work_pool is None else self.work_pool.place
        return DaskOperator(place) if self.uses_dask and isinstance(place, Namespace) else None

    @property
    def dask_autoscaler(self) -> ClusterAutoscaler | None:
        """What starts the machines for Dask's workers, in a cluster to make that may have none."""
        place = None if self.work_pool is None else self.work_pool.place
        if self.dask_nodes is None or self.dask_nodes.min_size or not isinstance(place, Namespace):
            return None
        return None if place.nodes is None else ClusterAutoscaler(place.nodes)

    @property
    def runs_in_container(self) -> bool:
        """Whether each run gets a container of its own."""
        return self.work_pool is not None and self.work_pool.type != "process"

    def placed_on(self, pool: WorkerPool, builder: str) -> DeploymentSpec:
        """
        Let a builder choose the work pool, once.

        Raises:
            MetaPrefectError: another builder did; names both.
        """
        if self.placed_by:
            raise MetaPrefectError(
                "MP2106",
                f"{self.placed_by} and {builder} both say where {self.flow_name} runs",
                where=self.where,
                why="a deployment runs in one place",
                fixes=(
                    "remove one of them",
                    f'@deployment("second", {builder}(...))  # give each a deployment of its own',
                ),
                exit_code=ExitCode.USAGE,
            )
        return replace(self, work_pool=pool, placed_by=builder)

    def with_default_code(self, code: Code) -> DeploymentSpec:
        """Say where the code is, unless a builder inside of this one did."""
        return self if self.code or self.pull_steps else replace(self, code=code)

    def with_schedule(self, schedule: JsonMap) -> DeploymentSpec:
        """
        Add a schedule to those that are there.

        Raises:
            MetaPrefectError: one of them has the same slug.
        """
        others = self.schedules or ()
        slug = schedule.get("slug")
        if slug and slug in (other.get("slug") for other in others):
            raise MetaPrefectError(
                "MP2106",
                f"two schedules of {self.flow_name} have the slug {slug}",
                where=self.where,
                why="Prefect tells the schedules of a deployment apart by their slugs",
                fixes=('slug="another"',),
                exit_code=ExitCode.USAGE,
            )
        return replace(self, schedules=(*others, schedule))

    def with_automation(self, automation: Automation) -> DeploymentSpec:
        """
        Add an automation to those that are there.

        Raises:
            MetaPrefectError: one of them has the same name.
        """
        if any(other.name == automation.name for other in self.automations):
            raise MetaPrefectError(
                "MP2106",
                f"two automations of {self.flow_name} are called {automation.name}",
                where=self.where,
                why="the automations of a deployment are told apart by their names",
                fixes=('name="another"',),
                exit_code=ExitCode.USAGE,
            )
        return replace(self, automations=(*self.automations, automation))

    def with_tags(self, tags: Iterable[str]) -> DeploymentSpec:
        """Add tags to those that are there."""
        return replace(self, tags=tuple(sorted({*self.tags, *tags})))

    def with_job_variables(self, variables: JsonMap) -> DeploymentSpec:
        """Lay job variables over those that are there; the new ones win."""
        return replace(self, job_variables={**self.job_variables, **variables})

    def with_env(self, variables: Mapping[str, str]) -> DeploymentSpec:
        """Lay environment variables of the runs over those that are there; the new ones win."""
        known = self.job_variables.get("env") or {}
        return self.with_job_variables({"env": {**known, **variables}}) if variables else self

    def with_parameters(self, parameters: JsonMap) -> DeploymentSpec:
        """Lay parameter defaults over those that are there; the new ones win."""
        return replace(self, parameters={**self.parameters, **parameters})
