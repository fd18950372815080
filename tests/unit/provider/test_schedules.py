import pytest

from meta_prefect.provider.schedules import (
    align_schedules,
    build_schedule,
    find_schedule_changes,
    keep_active,
    parse_schedule,
    read_schedule,
    read_schedules,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"interval": 3600}, {"interval": "PT1H"}),
        ({"interval": "01:00:00"}, {"interval": "PT60M"}),
        ({"cron": "0 2 * * *"}, {"cron": " 0  2 * * *", "dayOr": True, "timezone": "UTC"}),
        ({"rrule": "FREQ=DAILY;COUNT=2"}, {"rrule": "RRULE:COUNT=2;FREQ=DAILY"}),
        (
            {"rrule": "FREQ=DAILY"},
            {"rrule": "DTSTART:20200101T000000\nRRULE:FREQ=DAILY"},
        ),
        (
            {"interval": 60, "anchorDate": "2020-01-01T01:00:00+01:00"},
            {"interval": 60, "anchorDate": "2020-01-01"},
        ),
    ],
)
def test_spellings_of_one_schedule_are_equal(one, other):
    """Two ways to write a schedule have one canonical form, and so one slug."""
    assert read_schedule(one) == read_schedule(other)


@pytest.mark.parametrize(
    "value",
    [
        {"cron": "0 2 * * *", "slug": "a", "parameters": {"n": 1}, "active": False},
        {"interval": 90.5, "slug": "b", "maxScheduledRuns": 4, "active": True},
        {"rrule": "FREQ=DAILY;INTERVAL=2", "slug": "c", "timezone": "Asia/Tokyo", "active": True},
    ],
)
def test_what_is_sent_is_read_back(value):
    """The body of a schedule, as the server gives it back, is the same schedule."""
    schedule = read_schedule(value)

    assert parse_schedule({"id": "1", **build_schedule(schedule)}) == schedule
    assert read_schedule(schedule) == schedule


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("0 2 * * *", "must be an object"),
        ({}, "exactly one of"),
        ({"cron": "0 2 * * *", "interval": 60}, "exactly one of"),
        ({"cron": "0 2 * * *", "anchorDate": "2020-01-01"}, "anchorDate does not belong"),
        ({"cron": "0 2"}, "five or six parts"),
        ({"cron": "0 2 * * *", "timezone": "Mars/Base"}, "no time zone"),
        ({"interval": 0}, "above 0 seconds"),
        ({"interval": "soon"}, "like PT1H"),
        ({"interval": 60, "anchorDate": "soon"}, "not a date"),
        ({"interval": 60, "maxScheduledRuns": 51}, "between 1 and 50"),
        ({"rrule": "COUNT=2"}, "must have a FREQ"),
        ({"rrule": "FREQ=DAILY;X=" + "1" * 7000}, "longer than 6500"),
    ],
)
def test_unusable_schedule_is_refused(value, reason):
    """What the server would refuse, or take as something else, is refused with the reason."""
    with pytest.raises(ValueError, match=reason):
        read_schedule(value)


def test_slugs_are_unique():
    """Two schedules of one slug would be one for the server."""
    with pytest.raises(ValueError, match="two schedules have the slug"):
        read_schedules([{"interval": 60}, {"interval": 60}])


def test_active_is_left_to_people():
    """A schedule that says nothing about `active` is not missing what a person set."""
    wanted = read_schedules(
        [{"slug": "a", "interval": 60}, {"slug": "b", "interval": 9, "active": True}]
    )
    actual = [{**item, "active": False} for item in wanted]

    assert align_schedules(wanted, actual) == [wanted[0], {**wanted[1], "active": False}]
    assert [item["active"] for item in keep_active(wanted, actual)] == [False, True]


def test_changes_by_slug():
    """Each slug is made, changed, remade or deleted; an equal one is left alone."""
    old = {
        slug: read_schedule({"slug": slug, "interval": 60, "active": True, **more})
        for slug, more in {
            "gone": {},
            "moved": {},
            "same": {},
            "limited": {"maxScheduledRuns": 3},
        }.items()
    }
    new = {
        slug: read_schedule({"slug": slug, "interval": seconds})
        for slug, seconds in {"came": 60, "moved": 61, "same": 60, "limited": 60}.items()
    }

    assert dict(find_schedule_changes(old, new)) == {
        "came": "create",
        "gone": "delete",
        "moved": "change",
        "limited": "remake",
    }
