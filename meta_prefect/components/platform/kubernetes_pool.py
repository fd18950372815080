"""
A work pool whose runs are Jobs in one namespace.

Not to be confused with `components.work_pool`, pools of all types as builders ask for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import pulumi

from meta_prefect.components.job_template import find_overlay, find_template
from meta_prefect.components.naming import build_physical_name
from meta_prefect.components.platform.base import PlatformComponent, Transforms
from meta_prefect.components.platform.handles import NamespaceHandle
from meta_prefect.provider import sdk

TYPE: Final = "kubernetes"
# Finished Jobs are kept for an hour, theirs for ever; a node may have to start first.
_DEFAULTS: Final[Mapping[str, Any]] = {"finished_job_ttl": 3600, "pod_watch_timeout_seconds": 600}


@dataclass(frozen=True, slots=True)
class Queue:
    """A lane of a pool: 1 is first; None means no limit."""

    name: str
    priority: int | None = None
    concurrency_limit: int | None = None


class KubernetesWorkPool(PlatformComponent):
    """
    Children: `pool`, `queue-NAME`.

    pool_name, pool_id: in Prefect.
    """

    KIND: ClassVar[str] = "work-pool"

    def __init__(
        self,
        name: str,
        *,
        namespace: NamespaceHandle,
        image: pulumi.Input[str] | None = None,
        service_account: pulumi.Input[str] | None = None,
        concurrency_limit: int | None = None,
        description: str = "",
        queues: Sequence[Queue] = (),
        defaults: Mapping[str, Any] | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the pool.

        namespace: in which the Jobs are made.
        image, service_account: of runs that name none.
        defaults: of other job variables.
        """
        super().__init__(name, transforms=transforms, opts=opts)
        given = {
            **_DEFAULTS,
            "namespace": namespace.name,
            "image": image,
            "service_account_name": service_account,
            **(defaults or {}),
        }
        self.pool: sdk.WorkPool = self.make(
            "pool",
            sdk.WorkPool,
            name=build_physical_name(pulumi.get_project(), pulumi.get_stack(), name),
            type=TYPE,
            base_job_template=find_template(TYPE),
            template_overlay=find_overlay(TYPE, given),
            concurrency_limit=concurrency_limit,
            description=description or None,
        )
        self.pool_name: pulumi.Output[str] = self.pool.name
        self.pool_id: pulumi.Output[str] = self.pool.work_pool_id
        for queue in queues:
            self._build_queue(queue)
        self.finish(poolName=self.pool_name, poolId=self.pool_id)

    def _build_queue(self, queue: Queue) -> None:
        self.make(
            f"queue-{queue.name}",
            sdk.WorkQueue,
            name=queue.name,
            work_pool_name=self.pool_name,
            work_pool_id=self.pool_id,
            priority=queue.priority,
            concurrency_limit=queue.concurrency_limit,
        )
