"""The field table of `prefect:local:ProcessWorker`: what a local worker takes and gives."""

from __future__ import annotations

from typing import Final

from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handlers.local_server_table import read_seconds
from meta_prefect.provider.names import read_name


def _read_limit(value: int) -> int:
    if value < 1:
        raise ValueError("must be 1 or more; leave it out for no limit")
    return value


def _read_span(value: int) -> int:
    if value < 0:
        raise ValueError("must be 0 or more")
    return value


PROCESS_WORKER: Final = ResourceKind(
    token="prefect:local:ProcessWorker",  # noqa: S106 - a type's name
    doc="A worker of a process pool as a background process of this machine.",
    fields=(
        Field(
            "workPoolName",
            FieldType.STRING,
            "Name of the pool, of type `process`.",
            required=True,
            change=Change.REPLACE_DELETE_FIRST,
        ),
        Field(
            "workPoolId",
            FieldType.STRING,
            "The pool's `workPoolId`: a pool made anew gets a new worker.",
            left_alone=True,
            change=Change.REPLACE_DELETE_FIRST,
        ),
        Field(
            "name",
            FieldType.STRING,
            "Name of the worker; default: from the logical name, the stack and the host.",
            filled=True,
            change=Change.REPLACE_DELETE_FIRST,
            canonical=read_name,
        ),
        Field("workQueues", FieldType.STRING_SET, "Queues to poll; default: all. Restarts."),
        Field(
            "limit",
            FieldType.INTEGER,
            "Runs at once of this worker; default: no limit. Restarts.",
            canonical=_read_limit,
        ),
        Field(
            "querySeconds",
            FieldType.NUMBER,
            "Seconds between polls. Restarts.",
            default=2,
            canonical=read_seconds,
        ),
        Field(
            "prefetchSeconds",
            FieldType.INTEGER,
            "Seconds to fetch a run before it is due. Restarts.",
            default=10,
            canonical=_read_span,
        ),
        Field(
            "heartbeatSeconds",
            FieldType.INTEGER,
            "Seconds between heartbeats. Restarts.",
            default=30,
            canonical=read_seconds,
        ),
        Field(
            "env",
            FieldType.STRING_MAP,
            "Environment of worker and runs, beyond this process's own without keys of clouds. "
            "Restarts.",
        ),
        Field(
            "workingDirectory",
            FieldType.STRING,
            "Folder to run in; default: the current one. Restarts.",
            filled=True,
        ),
        Field(
            "home",
            FieldType.STRING,
            "Folder of logs and records; default: `.meta_prefect/prefect` of the working folder.",
            filled=True,
            change=Change.REPLACE_DELETE_FIRST,
        ),
        Field(
            "python",
            FieldType.STRING,
            "Interpreter with Prefect; default: the running one. Restarts.",
            filled=True,
        ),
        Field(
            "drainSeconds",
            FieldType.INTEGER,
            "Seconds to let runs finish on restart and delete, before they are killed.",
            default=30,
            change=Change.NONE,
            canonical=_read_span,
        ),
    ),
    outputs=(
        Output("pid", FieldType.INTEGER, "Its process; 0 when it was found dead.", stable=False),
        Output("startTime", FieldType.STRING, "When the process started.", stable=False),
        Output("token", FieldType.STRING, "What marks its processes.", stable=False),
        Output("workerId", FieldType.STRING, "The worker's uuid."),
        Output("logFile", FieldType.STRING, "File of its output."),
        Output("apiUrl", FieldType.STRING, "API that it polls."),
    ),
)
"""A worker; its id is the token of its first process."""
