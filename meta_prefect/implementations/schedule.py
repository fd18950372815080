"""
Builders of schedules: when a deployment runs by itself. Several on one deployment add up.

Holidays of a country are read when a deployment is built, for whole years, and become excluded days
of a recurrence rule: a schedule of Prefect knows no calendars. So that they go on, somebody types
`up` once a year. Days from anywhere else are for `rrule(..., skip=...)`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypedDict, Unpack
from zoneinfo import ZoneInfo

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_json, check_positive
from meta_prefect.implementations.cron_rules import build_rules
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

_MOST_SCHEDULED_RUNS: Final = 50
_ANCHOR: Final = "DTSTART:20200101T000000"  # Prefect's own, for a rule that names none
_THIS_YEAR: Final = "DTSTART:{year}0101T000000\n"  # Prefect counts from there, each time
_COUNTRY: Final = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,4}))?")
_LONGEST_HORIZON_YEARS: Final = 10
_MOST_EXCLUDED: Final = 380  # more of them make a rule that is too long for Prefect
_INSTALL: Final = "pip install 'meta-prefect[holidays]'"


class Options(TypedDict, total=False):
    """
    What every schedule takes.

    timezone: IANA name; default UTC.
    active: run by it; not given: active at first, and whoever pauses it by hand stays in charge.
    active_in: the stacks in which it is active; paused in all others.
    parameters: of the runs, by name; laid over those of the deployment.
    slug: tells the deployment's schedules apart; default: made from the rest.
    max_scheduled_runs: how many runs are planned ahead, 1 to 50.
    skip_holidays: country, or country and part of it, on whose holidays it does not run: `US`,
        `DE-BY`; by the package `holidays`, where `up` is typed. Not for `interval`.
    horizon_years: how many years after this one they are known for; default 1.
    """

    timezone: str
    active: bool
    active_in: Sequence[str]
    parameters: Mapping[str, Any]
    slug: str
    max_scheduled_runs: int
    skip_holidays: str
    horizon_years: int


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
        """
        Add the schedule.

        Raises:
            ModuleNotFoundError: holidays are to be skipped, and nobody knows them.
            ValueError: there is no such country, or there are too many runs to leave out.
        """
        built = {**self._schedule, **self._build_rule()}
        schedule = {key: value for key, value in built.items() if value is not None}
        if self._active_in:
            schedule["active"] = deployment.stack in self._active_in
        return deployment.with_schedule(schedule)

    def _build_rule(self) -> Mapping[str, Any]:
        """Give the rule that takes the place of the one that was written; most have none."""
        return {}


class _Calendar(_Schedule):
    """A schedule that can leave out holidays."""

    def __init__(
        self,
        rule: Mapping[str, Any],
        calendar_rule: str,
        days: Iterable[date],
        options: Options,
    ) -> None:
        super().__init__(rule, options)
        self._calendar_rule = calendar_rule
        self._days = frozenset(days)
        self._holidays = options.get("skip_holidays", "")
        self._horizon_years = options.get("horizon_years", 1)

    def build(
        self, today: date, load: Callable[[str], Any] = importlib.import_module
    ) -> Mapping[str, Any]:
        """
        Give the rule with days and the holidays of the years around a day left out.

        load: gives a module by name.

        Raises:
            ModuleNotFoundError: the package `holidays` is not installed.
            ValueError: there is no such country, or there are too many runs to leave out.
        """
        told = f'skip_holidays="{self._holidays}"' if self._holidays else "skip=..."
        where = f"{type(self).__name__}({told})"
        years = range(today.year, today.year + self._horizon_years + 1)
        holidays = _find_holidays(self._holidays, years, load) if self._holidays else frozenset()
        rule = self._calendar_rule.replace("{year}", str(today.year))
        try:
            text = _skip_days(rule, self._days | holidays)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        _check_rule(where, text)
        return {"cron": None, "dayOr": None, "rrule": text}

    def _build_rule(self) -> Mapping[str, Any]:
        """Leave out the days now: runs import the flow's file too, and need not wait for it."""
        skips = self._holidays or self._days
        return self.build(datetime.now(UTC).date()) if skips else {}


class cron(_Calendar):  # noqa: N801 - used as a decorator
    """
    Run at the times of a cron expression.

        @cron("0 2 * * *", timezone="Europe/Berlin", active_in=("prod",))
        @local_deployer()
        @flow
        def nightly() -> None: ...

        @cron("0 9 * * MON-FRI", skip_holidays="DE-BY")  # in Prefect, a recurrence rule
    """

    @checked
    def __init__(self, expression: str, *, day_or: bool = True, **options: Unpack[Options]) -> None:
        """
        Take five or six parts, or a word like `@daily`.

        day_or: with both days given, of month and of week, either will do; False: both must fit.

        Raises:
            TypeError: there is no such option.
            ValueError: the expression is none, cannot leave out days, or an option is not allowed.
        """
        from prefect.client.schemas.schedules import CronSchedule

        try:
            CronSchedule(cron=expression, day_or=day_or)
            skips = bool(options.get("skip_holidays"))
            calendar_rule = _THIS_YEAR + build_rules(expression, day_or=day_or) if skips else ""
        except ValueError as error:
            raise ValueError(f'cron("{expression}"): {_say(error)}') from None
        rule = {"cron": expression} if day_or else {"cron": expression, "dayOr": False}
        super().__init__(rule, calendar_rule, (), options)


class interval(_Schedule):  # noqa: N801 - used as a decorator
    """
    Run again and again after the same time.

        @interval(timedelta(hours=6), anchor=datetime(2026, 1, 1, 3))
        @local_deployer()
        @flow
        def sync() -> None: ...
    """

    @checked
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
        if options.get("skip_holidays"):
            raise ValueError(
                f'interval(skip_holidays="{options["skip_holidays"]}"): times counted from '
                "a moment know no days; use cron or rrule"
            )
        seconds = every.total_seconds() if isinstance(every, timedelta) else every
        check_positive("interval", every=seconds)
        rule: dict[str, Any] = {"interval": seconds}
        if anchor is not None:
            rule["anchorDate"] = anchor.isoformat()
        super().__init__(rule, options)


class rrule(_Calendar):  # noqa: N801 - used as a decorator
    """
    Run by a recurrence rule of calendars (RFC 5545), except on some days.

        @rrule("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0", skip=[date(2026, 12, 25)])
        @local_deployer()
        @flow
        def report() -> None: ...

        @rrule("FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0", skip_holidays="US", horizon_years=2)

    `skip` takes any dates. Name whole years, so that the schedule does not change every day.
    """

    @checked
    def __init__(self, rule: str, *, skip: Iterable[date] = (), **options: Unpack[Options]) -> None:
        """
        Take the rule, with or without a DTSTART line.

        skip: days in the schedule's time zone on which it does not run.

        Raises:
            TypeError: there is no such option.
            ValueError: the rule is none, or an option is not allowed.
        """
        _check_rule(f'rrule("{rule}")', rule)
        super().__init__({"rrule": rule}, rule, skip, options)


def _check_rule(where: str, text: str) -> None:
    from prefect.client.schemas.schedules import RRuleSchedule

    try:
        RRuleSchedule(rrule=text)
    except ValueError as error:
        raise ValueError(f"{where}: {_say(error)}") from None


def _find_holidays(country: str, years: range, load: Callable[[str], Any]) -> frozenset[date]:
    found = _COUNTRY.fullmatch(country)
    assert found is not None  # checked where it was written
    try:
        library = load("holidays")
    except ModuleNotFoundError:
        raise ModuleNotFoundError(f'skip_holidays="{country}": {_INSTALL}') from None
    try:
        named = library.country_holidays(found.group(1), subdiv=found.group(2), years=years)
    except NotImplementedError as error:
        raise ValueError(f'skip_holidays="{country}": {error}') from None
    return frozenset(named)


def _skip_days(rule: str, days: Collection[date]) -> str:
    """
    Exclude each run that a rule has on some days; the text changes only with rule and days.

    Raises:
        ValueError: the rule is none, or these are too many runs.
    """
    if not days:
        return rule
    text = rule if "DTSTART" in rule else f"{_ANCHOR}\n{rule}"
    moments = [f"{moment:%Y%m%dT%H%M%S}" for moment in _list_runs(text, days)]
    return f"{text}\nEXDATE:{','.join(moments)}" if moments else text


def _list_runs(text: str, days: Collection[date]) -> list[datetime]:
    from prefect.client.schemas.schedules import RRuleSchedule

    found: list[datetime] = []
    # Read as UTC: the same hours are meant in the schedule's own zone.
    start = datetime.combine(min(days), time.min, UTC)
    for moment in RRuleSchedule(rrule=text).to_rrule().xafter(start, inc=True):
        if moment.date() > max(days):
            break
        if moment.date() in days:
            found.append(moment)
        if len(found) > _MOST_EXCLUDED:
            raise ValueError(f"more than {_MOST_EXCLUDED} runs on days to leave out")
    return found


def _check_options(builder: str, options: Options) -> None:
    unknown = sorted(set(options) - Options.__annotations__.keys())
    if unknown:
        raise TypeError(f"{builder}() has no option {unknown[0]}")
    if "active" in options and options.get("active_in"):
        raise ValueError(f"{builder}(): give active or active_in")
    runs = options.get("max_scheduled_runs", 1)
    if not 1 <= runs <= _MOST_SCHEDULED_RUNS:
        raise ValueError(
            f"{builder}(max_scheduled_runs={runs}): must be between 1 and {_MOST_SCHEDULED_RUNS}"
        )
    _check_holidays(builder, options.get("skip_holidays", ""), options.get("horizon_years", 1))
    _check_zone(builder, options.get("timezone", "UTC"))
    check_json(f"{builder}(parameters=...)", options.get("parameters", {}))


def _check_holidays(builder: str, country: str, years: int) -> None:
    if country and not _COUNTRY.fullmatch(country):
        raise ValueError(f'{builder}(skip_holidays="{country}"): a country, such as US or DE-BY')
    if not 0 <= years <= _LONGEST_HORIZON_YEARS:
        raise ValueError(
            f"{builder}(horizon_years={years}): must be between 0 and {_LONGEST_HORIZON_YEARS}"
        )


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
