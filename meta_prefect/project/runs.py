"""
Runs: start a run of a flow's deployment and follow it to its end.

Speaks to Prefect with Prefect's own client, since only Prefect can read a run's result back. Not to
be confused with `operations`, which change what is up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from meta_prefect.components.naming import build_deployment_logical_name
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import ResourceRecord
from meta_prefect.project.environment import import_prefect
from meta_prefect.project.graph import DEPLOYMENT_TYPE, find_name

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun, Log

_PROVIDER_TYPE: Final = "pulumi:providers:prefect"
_FINAL: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
_LOGS_PER_REQUEST: Final = 200
_LOOK_BACK: Final = timedelta(seconds=10)
_LAST_MESSAGE: Final = "Finished in state"  # what Prefect's engine logs last
_LAST_LOGS_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class RunState:
    """
    A state of a run.

    type: Prefect's word: `SCHEDULED`, `PENDING`, `RUNNING`, `COMPLETED`, `FAILED`, ...
    """

    name: str
    type: str
    message: str = ""

    @property
    def is_final(self) -> bool:
        """Whether the run is over."""
        return self.type in _FINAL


@dataclass(frozen=True, slots=True)
class RunLog:
    """
    One line that a run logged.

    level: `INFO`, `WARNING`, ...
    """

    timestamp: datetime
    level: str
    logger: str
    message: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """
    How a run ended.

    has_value: the flow's return value could be read back; `value` is it.
    seconds: from the start of the run, as Prefect counts it.
    """

    state: RunState
    has_value: bool
    value: object
    seconds: float


@dataclass(frozen=True, slots=True)
class _Target:
    """A deployment that is up, and the Prefect in which it is."""

    id: str
    name: str
    parameter_schema: Mapping[str, Any]
    api_url: str


class Run:
    """A run that was started; `follow` it or leave it."""

    def __init__(self, target: _Target, run: FlowRun) -> None:
        """Keep what names the run."""
        self._target = target
        self.id = str(run.id)
        self.name = run.name
        self.deployment = target.name
        self.url = f"{target.api_url.removesuffix('/api')}/runs/flow-run/{run.id}"

    def read_logs(self) -> Iterator[RunLog]:
        """
        Give the lines that the run has logged up to now.

        Raises:
            MetaPrefectError: Prefect does not answer.
        """
        with _connected(self._target.api_url) as client:
            yield from _LogReader(client, UUID(self.id)).read_new()

    def follow(
        self,
        on_state: Callable[[RunState], None],
        on_log: Callable[[RunLog], None],
        poll_seconds: float = 0.5,
    ) -> RunResult:
        """
        Wait for the end of the run; says each state and each log line once.

        Raises:
            MetaPrefectError: Prefect stopped answering.
        """
        with _connected(self._target.api_url) as client:
            shown: RunState | None = None
            logs = _LogReader(client, UUID(self.id))
            while True:
                run = client.read_flow_run(UUID(self.id))
                state = _read_state(run)
                if state != shown:
                    on_state(state)
                    shown = state
                for line in logs.read_new():
                    on_log(line)
                if run.state is not None and run.state.is_final():
                    _read_last_logs(logs, on_log, poll_seconds)
                    return _read_result(run, state)
                time.sleep(poll_seconds)


def start_run(flow: str, resources: Sequence[ResourceRecord], parameters: Mapping[str, str]) -> Run:
    """
    Start a run of a flow's deployment.

    resources: what the flow owns and needs.

    Raises:
        MetaPrefectError: no deployment among the resources, a parameter does not fit, Prefect does
            not answer.
    """
    target = _find_target(flow, resources)
    import_prefect()
    values = parse_parameters(flow, target.parameter_schema, parameters)
    with _connected(target.api_url) as client:
        run = client.create_flow_run_from_deployment(UUID(target.id), parameters=values)
    return Run(target, run)


def find_last_run(flow: str, resources: Sequence[ResourceRecord]) -> Run:
    """
    Find the run of a flow's deployment that started last.

    resources: what the flow owns and needs.

    Raises:
        MetaPrefectError: no deployment among the resources, or no run of it; Prefect does not
            answer.
    """
    target = _find_target(flow, resources)
    import_prefect()
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        DeploymentFilterId,
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort

    # A schedule makes runs days ahead, and Prefect sorts them as if they had begun then.
    begun = FlowRunFilterState(type=FlowRunFilterStateType(not_any_=[StateType.SCHEDULED]))

    with _connected(target.api_url) as client:
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[UUID(target.id)])),
            flow_run_filter=FlowRunFilter(state=begun),
            sort=FlowRunSort.START_TIME_DESC,
            limit=1,
        )
    if not runs:
        raise MetaPrefectError(
            "MP3406",
            f"{target.name} has not run yet",
            fixes=(f"meta-prefect run {flow}",),
            exit_code=ExitCode.NOT_FOUND,
        )
    return Run(target, runs[0])


def parse_parameters(
    flow: str, schema: Mapping[str, Any], texts: Mapping[str, str]
) -> dict[str, Any]:
    """
    Read parameters given as text: JSON where the parameter's type takes it, else the text itself.

    schema: the deployment's parameter schema.

    Raises:
        MetaPrefectError: everything that does not fit, at once.
    """
    from prefect.utilities.schema_tools import validate

    properties = schema.get("properties", {})
    values = {name: _parse(text, properties.get(name, {})) for name, text in texts.items()}
    problems = [_unknown(name, properties) for name in values if name not in properties]
    errors = validate(values, dict(schema), raise_on_error=False, preprocess=False)
    problems += [_describe(error.absolute_path, error.message) for error in errors]
    if problems:
        raise MetaPrefectError(
            "MP3401",
            f"the parameters do not fit {flow}",
            why="\n".join(problems),
            fixes=(f"meta-prefect run {flow} {_example(properties)}".rstrip(),),
            exit_code=ExitCode.USAGE,
        )
    return values


def _parse(text: str, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "string":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _unknown(name: str, properties: Mapping[str, Any]) -> str:
    known = ", ".join(properties) or "none"
    return f"{name}: there is no such parameter (known: {known})"


def _describe(path: Sequence[str | int], message: str) -> str:
    place = ".".join(str(part) for part in path)
    return f"{place}: {message}" if place else message


def _example(properties: Mapping[str, Any]) -> str:
    return " ".join(f"-p {name}=..." for name in properties)


def _find_target(flow: str, resources: Sequence[ResourceRecord]) -> _Target:
    deployments = [item for item in resources if item.type == DEPLOYMENT_TYPE]
    default = build_deployment_logical_name(flow)
    urls = [
        str(item.outputs.get("apiUrl", "")) for item in resources if item.type == _PROVIDER_TYPE
    ]
    if not deployments:
        raise MetaPrefectError(
            "MP3402",
            f"flow {flow} has no deployment that is up",
            fixes=(f"meta-prefect up {flow}",),
            exit_code=ExitCode.NOT_FOUND,
        )
    found = next((item for item in deployments if find_name(item.urn) == default), deployments[0])
    if len(deployments) > 1 and find_name(found.urn) != default:
        raise _undecided(flow, deployments)
    return _Target(
        id=found.id,
        name=str(found.outputs.get("fullName", "")),
        parameter_schema=found.inputs.get("parameterOpenapiSchema", {}),
        api_url=next((url for url in urls if url), ""),
    )


def _undecided(flow: str, deployments: Sequence[ResourceRecord]) -> MetaPrefectError:
    names = sorted(find_name(item.urn) for item in deployments)
    return MetaPrefectError(
        "MP3405",
        f"flow {flow} has {len(names)} deployments that are up",
        why=f"one of {', '.join(names)} can be run at a time",
        fixes=tuple(f"meta-prefect run {name}" for name in names[:2]),
        exit_code=ExitCode.USAGE,
    )


@contextmanager
def _connected(api_url: str) -> Iterator[SyncPrefectClient]:
    """Give a client for this API; what it raises becomes one diagnostic."""
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectHTTPStatusError
    from prefect.settings import PREFECT_API_URL, temporary_settings

    try:
        with temporary_settings({PREFECT_API_URL: api_url}), get_client(sync_client=True) as client:
            yield client
    except PrefectHTTPStatusError as error:
        raise _refused(api_url, error.response) from error
    except (httpx.TransportError, RuntimeError) as error:
        raise MetaPrefectError(
            "MP3403",
            f"Prefect does not answer at {api_url}",
            why=str(error).splitlines()[0] if str(error) else type(error).__name__,
            fixes=("meta-prefect up --all  # starts a local server again", "meta-prefect doctor"),
        ) from error


def _refused(api_url: str, response: Any) -> MetaPrefectError:
    denied = response.status_code in (401, 403)
    return MetaPrefectError(
        "MP3404",
        f"Prefect at {api_url} refuses the request",
        why=f"{response.status_code}: {response.text[:500]}",
        fixes=("prefect cloud login",) if denied else (),
        exit_code=ExitCode.AUTHENTICATION if denied else ExitCode.ERROR,
    )


class _LogReader:
    """
    Reads the log lines of one run, each once.

    Worker and run send their lines in batches of their own, so a line may come after later ones;
    each reading looks back a little and leaves out what it has seen.
    """

    def __init__(self, client: SyncPrefectClient, run_id: UUID) -> None:
        self._client = client
        self._run_id = run_id
        self._seen: set[UUID | None] = set()
        self._newest: datetime | None = None
        self.has_ended = False

    def read_new(self) -> Iterator[RunLog]:
        since = self._newest - _LOOK_BACK if self._newest else None
        offset = 0
        while page := self._read_page(since, offset):
            offset += len(page)
            for item in page:
                if item.id not in self._seen:
                    self._seen.add(item.id)
                    self._newest = max(item.timestamp, self._newest or item.timestamp)
                    self.has_ended |= item.message.startswith(_LAST_MESSAGE)
                    level = _LEVELS.get(item.level // 10 * 10, str(item.level))
                    yield RunLog(item.timestamp, level, item.name, item.message)

    def _read_page(self, since: datetime | None, offset: int) -> list[Log]:
        from prefect.client.schemas.filters import (
            LogFilter,
            LogFilterFlowRunId,
            LogFilterTimestamp,
        )
        from prefect.client.schemas.sorting import LogSort

        return self._client.read_logs(
            log_filter=LogFilter(
                flow_run_id=LogFilterFlowRunId(any_=[self._run_id]),
                timestamp=LogFilterTimestamp.model_validate({"after_": since}) if since else None,
            ),
            limit=_LOGS_PER_REQUEST,
            offset=offset,
            sort=LogSort.TIMESTAMP_ASC,
        )


_LEVELS: Final = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}


def _read_state(run: FlowRun) -> RunState:
    if run.state is None:
        return RunState("Scheduled", "SCHEDULED")
    return RunState(run.state.name or "", run.state.type.value, run.state.message or "")


def _read_last_logs(
    logs: _LogReader, on_log: Callable[[RunLog], None], poll_seconds: float
) -> None:
    """Wait a moment for lines that a run sends after its last state."""
    end = time.monotonic() + _LAST_LOGS_SECONDS
    while not logs.has_ended and time.monotonic() < end:
        time.sleep(poll_seconds)
        for line in logs.read_new():
            on_log(line)


def _read_result(run: FlowRun, state: RunState) -> RunResult:
    has_value, value = _read_value(run)
    return RunResult(state, has_value, value, run.total_run_time.total_seconds())


def _read_value(run: FlowRun) -> tuple[bool, object]:
    """Give the flow's return value, where it was kept and this machine can reach it."""
    if run.state is None or not run.state.is_completed():
        return False, None
    try:
        return True, run.state.result(raise_on_failure=False)
    except Exception:  # noqa: BLE001 - whatever keeps a result away, the run itself went well
        return False, None
