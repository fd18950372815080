"""A worker of a process pool as a background process of this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class ProcessWorker(PrefectResource):
    """A worker of a process pool as a background process of this machine."""

    pulumi_type: ClassVar[str] = "prefect:local:ProcessWorker"

    work_pool_name: pulumi.Output[str] = pulumi.property("workPoolName")
    work_pool_id: pulumi.Output[str | None] = pulumi.property("workPoolId")
    name: pulumi.Output[str]
    work_queues: pulumi.Output[list[str] | None] = pulumi.property("workQueues")
    limit: pulumi.Output[int | None]
    query_seconds: pulumi.Output[float] = pulumi.property("querySeconds")
    prefetch_seconds: pulumi.Output[int] = pulumi.property("prefetchSeconds")
    heartbeat_seconds: pulumi.Output[int] = pulumi.property("heartbeatSeconds")
    env: pulumi.Output[Mapping[str, str] | None]
    working_directory: pulumi.Output[str] = pulumi.property("workingDirectory")
    home: pulumi.Output[str]
    python: pulumi.Output[str]
    drain_seconds: pulumi.Output[int] = pulumi.property("drainSeconds")
    pid: pulumi.Output[int]
    start_time: pulumi.Output[str] = pulumi.property("startTime")
    token: pulumi.Output[str]
    worker_id: pulumi.Output[str] = pulumi.property("workerId")
    log_file: pulumi.Output[str] = pulumi.property("logFile")
    api_url: pulumi.Output[str] = pulumi.property("apiUrl")

    def __init__(
        self,
        resource_name: str,
        *,
        work_pool_name: pulumi.Input[str],
        work_pool_id: pulumi.Input[str] | None = None,
        name: pulumi.Input[str] | None = None,
        work_queues: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        limit: pulumi.Input[int] | None = None,
        query_seconds: pulumi.Input[float] | None = None,
        prefetch_seconds: pulumi.Input[int] | None = None,
        heartbeat_seconds: pulumi.Input[int] | None = None,
        env: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        working_directory: pulumi.Input[str] | None = None,
        home: pulumi.Input[str] | None = None,
        python: pulumi.Input[str] | None = None,
        drain_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a process worker.

        Args:
            resource_name: Logical name.
            work_pool_name: Name of the pool, of type `process`. Replaces, old one first.
            work_pool_id: The pool's `work_pool_id`: a pool made anew gets a new worker. Replaces,
                old one first.
            name: Name of the worker; default: from the logical name, the stack and the host.
                Replaces, old one first.
            work_queues: Queues to poll; default: all. Restarts.
            limit: Runs at once of this worker; default: no limit. Restarts.
            query_seconds: Seconds between polls. Restarts. Default: 2.
            prefetch_seconds: Seconds to fetch a run before it is due. Restarts. Default: 10.
            heartbeat_seconds: Seconds between heartbeats. Restarts. Default: 30.
            env: Environment of worker and runs, beyond this process's own without keys of clouds.
                Restarts.
            working_directory: Folder to run in; default: the current one. Restarts.
            home: Folder of logs and records; default: `.meta_prefect/prefect` of the working
                folder. Replaces, old one first.
            python: Interpreter with Prefect; default: the running one. Restarts.
            drain_seconds: Seconds to let runs finish on restart and delete, before they are killed.
                Default: 30.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            work_pool_name=work_pool_name,
            work_pool_id=work_pool_id,
            name=name,
            work_queues=work_queues,
            limit=limit,
            query_seconds=query_seconds,
            prefetch_seconds=prefetch_seconds,
            heartbeat_seconds=heartbeat_seconds,
            env=env,
            working_directory=working_directory,
            home=home,
            python=python,
            drain_seconds=drain_seconds,
        )
