"""Goals."""

import pytest

from meta_prefect.engine.embedded.goals import Goal, inherit, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10m", 600), ("30s", 30), ("1h30m", 5400), ("1.5s", 1.5), ("250ms", 0.25), ("0s", 0)],
)
def test_durations(text, seconds):
    """Timeouts are Go durations."""
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "10 m", "ten minutes"])
def test_no_duration(text):
    """What is no duration is refused with an example."""
    with pytest.raises(ValueError, match="write it as 1h, 10m or 30s"):
        parse_duration(text)


def test_unset_options_are_inherited():
    """A child takes over what it leaves unset, and only that."""
    parent = Goal("p", "t", "p", False, {}, protect=True, retain_on_delete=True, deleted_with="x")
    child = Goal("c", "t", "c", True, {}, protect=False)

    found = inherit(child, parent)

    assert (found.protect, found.retain_on_delete, found.deleted_with) == (False, True, "x")


def test_nothing_to_inherit():
    """A child of a parent without options is left as it is."""
    child = Goal("c", "t", "c", True, {})

    assert inherit(child, Goal("p", "t", "p", False, {})) is child
