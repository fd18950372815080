"""
Builders of schedules: when a deployment runs by itself. Several on one deployment add up.

Holidays are dates like any other: `rrule(..., skip=...)` takes them from any library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypedDict, Unpack
from zoneinfo import ZoneInfo

from meta_prefect.implementations.checking import check_json, check_positive
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

_MOST_SCHEDULED_RUNS: Final = 50
_ANCHOR: Final = "DTSTART:20200101T000000"  # Prefect's own, for a rule that names none


class Options(TypedDict, total=False):
    """
    What every schedule takes.

    timezone: IANA name; default UTC.
    active: run by it; not given: active at first, and whoever pauses it by hand stays in charge.
    active_in: the stacks in which it is active; paused in all others.
    parameters: of the runs, by name; laid over those of the deployment.
    slug: tells the deployment's schedules apart; default: made from the rest.
    max_scheduled_runs: how many runs are planned ahead, 1 to 50.
    """

    timezone: str
    active: bool
    active_in: Sequence[str]
    parameters: Mapping[str, Any]
    slug: str
    max_scheduled_runs: int


class _Schedule(FlowBuilderInterface):
    """What the three kinds have in common."""

    def __init__(self, rule: Mapping[str, Any], options: Options) -> None:
        _check_options(type(self).__name__, options)
        self._active_in = tuple(options.get("active_in", ()))
        fields = {
            **rule,
            "timezone": options.get("timezone"),
            "active": options.get("active"),
            "parameters": options.get("parameters"),
            "slug": options.get("slug"),
            "maxScheduledRuns": options.get("max_scheduled_runs"),
        }
        self._schedule = {key: value for key, value in fields.items() if value is not None}

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the schedule."""
        if not self._active_in:
            return deployment.with_schedule(self._schedule)
        active = deployment.stack in self._active_in
        return deployment.with_schedule({**self._schedule, "active": active})


class cron(_Schedule):  # noqa: N801 - used as a decorator
    """
    Run at the times of a cron expression.

        @cron("0 2 * * *", timezone="Europe/Berlin", active_in=("prod",))
        @local_deployer()
        @flow
        def nightly() -> None: ...
    """

    def __init__(self, expression: str, *, day_or: bool = True, **options: Unpack[Options]) -> None:
        """
        Take five or six parts, or a word like `@daily`.

        day_or: with both days given, of month and of week, either will do; False: both must fit.

        Raises:
            TypeError: there is no such option.
            ValueError: the expression is none, or an option is not allowed.
        """
        from prefect.client.schemas.schedules import CronSchedule

        try:
            CronSchedule(cron=expression, day_or=day_or)
        except ValueError as error:
            raise ValueError(f'cron("{expression}"): {_say(error)}') from None
        rule = {"cron": expression} if day_or else {"cron": expression, "dayOr": False}
        super().__init__(rule, options)


class interval(_Schedule):  # noqa: N801 - used as a decorator
    """
    Run again and again after the same time.

        @interval(timedelta(hours=6), anchor=datetime(2026, 1, 1, 3))
        @local_deployer()
        @flow
        def sync() -> None: ...
    """

    def __init__(
        self,
        every: timedelta | float,
        *,
        anchor: datetime | None = None,
        **options: Unpack[Options],
    ) -> None:
        """
        Take seconds or a `timedelta`.

        anchor: a moment from which the times are counted; without a zone it is UTC.

        Raises:
            TypeError: there is no such option.
            ValueError: the time is not above 0, or an option is not allowed.
        """
        seconds = every.total_seconds() if isinstance(every, timedelta) else every
        check_positive("interval", every=seconds)
        rule: dict[str, Any] = {"interval": seconds}
        if anchor is not None:
            rule["anchorDate"] = anchor.isoformat()
        super().__init__(rule, options)


class rrule(_Schedule):  # noqa: N801 - used as a decorator
    """
    Run by a recurrence rule of calendars (RFC 5545), except on some days.

        @rrule("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0", skip=[date(2026, 12, 25)])
        @local_deployer()
        @flow
        def report() -> None: ...

    `skip` takes any dates, such as those of the package `holidays`:
    `skip=holidays.country_holidays("US", years=range(2026, 2028))`. Name whole years, so that the
    schedule does not change every day.
    """

    def __init__(self, rule: str, *, skip: Iterable[date] = (), **options: Unpack[Options]) -> None:
        """
        Take the rule, with or without a DTSTART line.

        skip: days in the schedule's time zone on which it does not run.

        Raises:
            TypeError: there is no such option.
            ValueError: the rule is none, or an option is not allowed.
        """
        from prefect.client.schemas.schedules import RRuleSchedule

        try:
            text = _skip_days(rule, sorted(set(skip)))
            RRuleSchedule(rrule=text)
        except ValueError as error:
            raise ValueError(f'rrule("{rule}"): {_say(error)}') from None
        super().__init__({"rrule": text}, options)


def _skip_days(rule: str, days: Sequence[date]) -> str:
    """Exclude each run that a rule has on some days; the text changes only with rule and days."""
    if not days:
        return rule
    from prefect.client.schemas.schedules import RRuleSchedule

    text = rule if "DTSTART" in rule else f"{_ANCHOR}\n{rule}"
    # Read as UTC: the same hours are meant in the schedule's own zone.
    times = RRuleSchedule(rrule=text).to_rrule()
    excluded = [
        moment
        for day in days
        for moment in times.between(
            datetime.combine(day, time.min, UTC), datetime.combine(day, time.max, UTC), inc=True
        )
    ]
    return "\n".join([text, *(f"EXDATE:{moment:%Y%m%dT%H%M%S}" for moment in excluded)])


def _check_options(builder: str, options: Options) -> None:
    unknown = sorted(set(options) - Options.__annotations__.keys())
    if unknown:
        raise TypeError(f"{builder}() has no option {unknown[0]}")
    if "active" in options and options.get("active_in"):
        raise ValueError(f"{builder}(): give active or active_in")
    if isinstance(options.get("active_in"), str):
        raise TypeError(f'{builder}(active_in=...): a list of stacks, such as ("prod",)')
    runs = options.get("max_scheduled_runs", 1)
    if not 1 <= runs <= _MOST_SCHEDULED_RUNS:
        raise ValueError(
            f"{builder}(max_scheduled_runs={runs}): must be between 1 and {_MOST_SCHEDULED_RUNS}"
        )
    _check_zone(builder, options.get("timezone", "UTC"))
    check_json(f"{builder}(parameters=...)", options.get("parameters", {}))


def _check_zone(builder: str, name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(f'{builder}(timezone="{name}"): there is no such time zone') from None


def _say(error: ValueError) -> str:
    """Give the sentence of an error; Prefect's models wrap theirs in several lines."""
    errors = getattr(error, "errors", None)
    text = str(errors()[0]["msg"]) if callable(errors) else str(error)
    return text.removeprefix("Value error, ")
