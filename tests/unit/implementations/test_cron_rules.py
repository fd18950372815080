"""Cron expressions as recurrence rules: Prefect reads the same times out of both."""

import asyncio
from datetime import UTC, datetime

import pytest
from prefect.server.schemas.schedules import CronSchedule, RRuleSchedule

from meta_prefect.implementations.cron_rules import build_rules

START = datetime(2026, 2, 27, 22, 30, tzinfo=UTC)
ANCHOR = "DTSTART:20260101T000000\n"


def times(schedule):
    return asyncio.run(schedule.get_dates(25, start=START))


@pytest.mark.parametrize(
    ("expression", "day_or"),
    [
        ("0 2 * * *", True),
        ("*/15 9-17 * * MON-FRI", True),
        ("5,35 0-23/4 * * *", True),
        ("0 0 1 * *", True),
        ("0 12 * JAN,jun *", True),
        ("30 6 15 * 1", True),
        ("30 6 13 * FRI", False),
        ("0 0 * * 7", True),
        ("10/20 3 */10 2-4 0,6", True),
        ("@daily", True),
        ("@hourly", True),
        ("@weekly", False),
        ("@monthly", True),
    ],
)
def test_a_rule_means_the_same_times(expression, day_or):
    """Lists, ranges, steps, names and words; both kinds of days in either way."""
    rule = ANCHOR + build_rules(expression, day_or=day_or)

    as_cron = times(CronSchedule(cron=expression, day_or=day_or, timezone="UTC"))
    as_rule = times(RRuleSchedule(rrule=rule, timezone="UTC"))

    assert as_rule == as_cron


@pytest.mark.parametrize(
    "expression",
    ["0 0 * * * *", "0 0 L * *", "0 0 * * 5#2", "61 0 * * *", "0 9-8 * * *", "0 0/0 * * *", "x"],
)
def test_what_a_rule_cannot_say_is_refused(expression):
    """Seconds, last days and numbers that do not exist are errors that name the way out."""
    with pytest.raises(ValueError, match="rrule"):
        build_rules(expression)
