"""A schedule of a deployment that is managed elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class DeploymentSchedule(PrefectResource):
    """
    A schedule of a deployment that is managed elsewhere.

    A deployment of one's own takes its `schedules`: that list is the whole list, so the two do not
    go together.
    """

    pulumi_type: ClassVar[str] = "prefect:index:DeploymentSchedule"

    deployment_id: pulumi.Output[str] = pulumi.property("deploymentId")
    slug: pulumi.Output[str]
    cron: pulumi.Output[str | None]
    day_or: pulumi.Output[bool | None] = pulumi.property("dayOr")
    interval: pulumi.Output[float | None]
    anchor_date: pulumi.Output[str | None] = pulumi.property("anchorDate")
    rrule: pulumi.Output[str | None]
    timezone: pulumi.Output[str]
    active: pulumi.Output[bool | None]
    parameters: pulumi.Output[Mapping[str, Any]]
    max_scheduled_runs: pulumi.Output[int | None] = pulumi.property("maxScheduledRuns")

    def __init__(
        self,
        resource_name: str,
        *,
        deployment_id: pulumi.Input[str],
        slug: pulumi.Input[str] | None = None,
        cron: pulumi.Input[str] | None = None,
        day_or: pulumi.Input[bool] | None = None,
        interval: pulumi.Input[float | str] | None = None,
        anchor_date: pulumi.Input[str] | None = None,
        rrule: pulumi.Input[str] | None = None,
        timezone: pulumi.Input[str] | None = None,
        active: pulumi.Input[bool] | None = None,
        parameters: pulumi.Input[Mapping[str, Any]] | None = None,
        max_scheduled_runs: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a deployment schedule.

        Args:
            resource_name: Logical name.
            deployment_id: The deployment's uuid. Replaces.
            slug: Name of the schedule in its deployment; default: the logical name. Replaces.
            cron: Five or six parts, or like `@daily`; this, `interval` or `rrule`.
            day_or: Of a cron: either day of month or day of week is enough; default true.
            interval: Seconds, or text like `PT1H`.
            anchor_date: Of an interval: an instant to count from; default: the start of 2020.
            rrule: A rule of iCalendar.
            timezone: IANA name. Default: "UTC".
            active: Make runs; not given: left as it is.
            parameters: Parameters of its runs by name.
            max_scheduled_runs: Runs made ahead, 1 to 50; default: the server's.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            deployment_id=deployment_id,
            slug=slug,
            cron=cron,
            day_or=day_or,
            interval=interval,
            anchor_date=anchor_date,
            rrule=rrule,
            timezone=timezone,
            active=active,
            parameters=parameters,
            max_scheduled_runs=max_scheduled_runs,
        )
