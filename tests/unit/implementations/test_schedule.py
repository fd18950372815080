"""Schedules: what reaches the deployment, and what is refused where it is written."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from prefect.server.schemas.schedules import RRuleSchedule

from meta_prefect.implementations.schedule import cron, interval, rrule
from meta_prefect.provider.schedules import read_schedule
from tests.unit.implementations.specs import BASE


def schedules(*builders, stack="dev"):
    """Give the schedules of a deployment with these builders."""
    spec = replace(BASE, stack=stack)
    for builder in builders:
        spec = builder.update_deployment(spec)
    return list(spec.schedules)


@pytest.mark.parametrize(
    ("builder", "schedule"),
    [
        (cron("0 2 * * *"), {"cron": "0 2 * * *"}),
        (
            cron("@daily", day_or=False, timezone="Europe/Berlin", active=False, slug="a"),
            {
                "cron": "@daily",
                "dayOr": False,
                "timezone": "Europe/Berlin",
                "active": False,
                "slug": "a",
            },
        ),
        (
            interval(timedelta(hours=1), parameters={"x": 1}, max_scheduled_runs=3),
            {"interval": 3600.0, "parameters": {"x": 1}, "maxScheduledRuns": 3},
        ),
        (
            interval(90, anchor=datetime(2026, 1, 1, tzinfo=UTC)),
            {"interval": 90, "anchorDate": "2026-01-01T00:00:00+00:00"},
        ),
        (rrule("FREQ=DAILY"), {"rrule": "FREQ=DAILY"}),
    ],
)
def test_a_schedule_is_one_that_the_provider_takes(builder, schedule):
    """Each kind gives its rule and only the options that were given."""
    (made,) = schedules(builder)

    assert made == schedule
    assert read_schedule(made)["timezone"] == schedule.get("timezone", "UTC")


def test_schedules_add_up():
    """Two on one deployment are two."""
    made = schedules(cron("@daily"), interval(60))

    assert [next(iter(item)) for item in made] == ["cron", "interval"]


def test_a_schedule_can_be_active_in_some_stacks():
    """`active_in` pauses it everywhere else; without it nobody's pause is undone."""
    nightly = cron("@daily", active_in=("prod",))

    assert [schedules(nightly, stack=stack)[0]["active"] for stack in ("prod", "dev")] == [
        True,
        False,
    ]
    assert "active" not in schedules(cron("@daily"))[0]


def test_days_can_be_left_out():
    """Prefect's own reading of the rule has no run on a skipped day, at any of the day's hours."""
    rule = "FREQ=DAILY;BYHOUR=9,15;BYMINUTE=0;BYSECOND=0"
    (made,) = schedules(rrule(rule, skip=[date(2026, 12, 25)], timezone="Europe/Berlin"))

    schedule = RRuleSchedule(rrule=made["rrule"], timezone="Europe/Berlin")
    dates = asyncio.run(schedule.get_dates(4, start=datetime(2026, 12, 24, tzinfo=UTC)))

    assert [f"{moment:%d %H}" for moment in dates] == ["24 09", "24 15", "26 09", "26 15"]


class Holidays:
    """Stands for the package `holidays`: one country, with one part."""

    def country_holidays(self, country, subdiv=None, years=()):
        if country != "DE":
            raise NotImplementedError(f"Country {country} not available")
        days = {date(year, 12, 25): "Christmas" for year in years}
        return days | ({date(year, 1, 6): "Epiphany" for year in years} if subdiv == "BY" else {})


@pytest.mark.parametrize(
    ("builder", "skipped"),
    [
        (cron("0 9 * * *", skip_holidays="DE"), ["1225", "1225"]),
        (rrule("FREQ=DAILY;BYHOUR=9", skip_holidays="DE-BY"), ["0106", "1225", "0106", "1225"]),
        (cron("0 9 * * *", skip_holidays="DE", horizon_years=0), ["1225"]),
    ],
)
def test_holidays_are_left_out_for_whole_years(builder, skipped):
    """The days of this year and of those ahead are excluded; the text is the same all year."""
    made = builder.build(date(2026, 7, 1), load=lambda _: Holidays())
    later = builder.build(date(2026, 12, 31), load=lambda _: Holidays())

    excluded = made["rrule"].partition("EXDATE:")[2].split(",")
    assert [text[4:8] for text in excluded] == skipped
    assert {text[8:] for text in excluded} == {"T090000"}
    assert (made["cron"], later) == (None, made)


def test_holidays_of_nowhere_and_without_their_package():
    """An unknown country is named; a missing package comes with its install line."""

    def missing(name):
        raise ModuleNotFoundError(name)

    with pytest.raises(ValueError, match='skip_holidays="XX": Country XX'):
        cron("@daily", skip_holidays="XX").build(date(2026, 1, 1), load=lambda _: Holidays())
    with pytest.raises(ModuleNotFoundError, match=r"meta-prefect\[holidays\]"):
        cron("@daily", skip_holidays="DE").build(date(2026, 1, 1), load=missing)


def test_too_many_runs_to_leave_out_are_refused():
    """Prefect takes a rule of some length; a run every few minutes needs a longer one."""
    often = cron("* * * * *", skip_holidays="DE-BY", horizon_years=0)

    with pytest.raises(ValueError, match=r'cron\(skip_holidays="DE-BY"\): more than 380'):
        often.build(date(2026, 1, 1), load=lambda _: Holidays())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cron("@daily", skip_holidays="Germany"), 'skip_holidays="Germany"'),
        (lambda: cron("0 0 L * *", skip_holidays="DE"), "use rrule"),
        (lambda: cron("@daily", horizon_years=11), r"cron\(horizon_years=11\)"),
        (lambda: interval(60, skip_holidays="DE"), r"interval\(skip_holidays"),
        (lambda: cron("0 2 * *"), r'cron\("0 2 \* \*"\): Invalid cron'),
        (lambda: rrule("FREQ=NEVER"), r'rrule\("FREQ=NEVER"\): Invalid RRule'),
        (lambda: interval(0), r"interval\(every=0\)"),
        (lambda: cron("@daily", timezone="Nowhere/City"), r'cron\(timezone="Nowhere/City"\)'),
        (lambda: cron("@daily", active=True, active_in=("a",)), "active or active_in"),
        (lambda: interval(5, max_scheduled_runs=51), r"interval\(max_scheduled_runs=51\)"),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, message):
    """The message names the builder and the value."""
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cron("@daily", zone="UTC"), "cron.. has no option zone"),
        (lambda: cron("@daily", active_in="prod"), "active_in=.*a list"),
        (lambda: interval(5, parameters={"x": object()}), "interval.*x: .*not JSON"),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused(make, message):
    """Unknown options, a text for a list and values without a JSON form are type errors."""
    with pytest.raises(TypeError, match=message):
        make()
