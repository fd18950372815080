"""
Requirement records: what a builder says its flow needs.

A record is a frozen value; equal records are one thing, declared once and shared by every flow that
requires it. `components.catalogue` turns records into Pulumi components. A team may add records of
its own (any frozen, hashable dataclass) together with a component for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

EnvironmentVariables: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Existing:
    """A thing that is there already and is used, never changed or deleted; made by `existing`."""

    name: str


def existing(name: str) -> Existing:
    """Name a thing that somebody else manages, in place of one that the stack makes."""
    return Existing(name)


@dataclass(frozen=True, slots=True)
class WorkerPool:
    """
    A work pool. The name is that of the first README; Prefect calls it a work pool.

    name: what the project calls it; the name in Prefect is made from project, stack and this.
        Empty: the project's default pool of this type. `existing(...)`: a pool of somebody else.
    type: as in Prefect: `process`, `kubernetes`, `docker`, `ecs`, ...
    concurrency_limit: flow runs at once; None means no limit.
    description: shown in Prefect's UI.
    """

    name: str | Existing = ""
    type: str = "process"
    concurrency_limit: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """
    A queue of a pool: a lane with a priority and a limit of its own.

    name: as in Prefect; in a pool of somebody else it gets project and stack in front.
    pool: the pool that it is part of.
    priority: 1 is first; None: the next one that is free.
    concurrency_limit: flow runs at once; None means no limit.
    description: shown in Prefect's UI.
    """

    name: str
    pool: WorkerPool = WorkerPool()
    priority: int | None = None
    concurrency_limit: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """
    A limit that several deployments share.

    name: as `WorkerPool.name`.
    runs: at once, in all of them together; of a limit of somebody else it says nothing.
    """

    name: str | Existing
    runs: int = 0


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """A value that is read where `up` is typed, and is a secret of the stack; no file holds it."""

    variable: str


BlockValue: TypeAlias = str | int | float | bool | tuple[str, ...] | FromEnvironment


@dataclass(frozen=True, slots=True)
class Block:
    """
    A block: a document of a type that Prefect knows.

    type: its slug in Prefect, such as `slack-webhook`.
    name: as `WorkerPool.name`.
    values: by field; of an existing one they say nothing.
    """

    type: str
    name: str | Existing
    values: tuple[tuple[str, BlockValue], ...] = ()


@dataclass(frozen=True, slots=True)
class Worker:
    """
    A worker for a pool, kept running by the stack: a background process on this machine.

    pool: the pool whose runs it starts.
    name: as `WorkerPool.name`; empty: one worker, named after its pool.
    limit: flow runs at once in this worker; None means no limit.
    env: environment variables for the worker and the runs that it starts.
    """

    pool: WorkerPool = WorkerPool()
    name: str = ""
    limit: int | None = None
    env: EnvironmentVariables = ()
