import pytest

from meta_prefect.cli.views.facts import describe_plan, describe_progress
from meta_prefect.cli.views.picture import Row, State
from meta_prefect.cli.views.theme import UNICODE, Sign
from meta_prefect.interfaces.events import DiffKind, Op, PropertyDiff, ResourceView
from tests.views import recordings as r


def row(sign, old=None, new=None, thing=r.POOL_ITSELF, **metadata):
    sides = (
        None
        if old is None
        else ResourceView("id", old, {}, protect=metadata.pop("protect", False)),
        None if new is None else ResourceView("id", new, {}),
    )
    return Row(sign, r.step(Op.UPDATE, thing, *sides, **metadata), State.WAITING)


@pytest.mark.parametrize(
    ("item", "fact"),
    [
        (row(Sign.CREATE, new={"type": "process"}), "process"),
        (row(Sign.CREATE, new={"type": "[unknown]"}), ""),
        (row(Sign.CREATE, new={"type": "[secret]"}), ""),
        (row(Sign.CREATE, new={"a": 1}, thing=r.SERVER), ""),
        (row(Sign.CHANGE, {"limit": 1}, {"limit": 2}), "limit 1 → 2"),
        (row(Sign.CHANGE, {"on": True}, {"on": False}), "on true → false"),
        (row(Sign.CHANGE, {"key": "[secret]"}, {"key": "x"}), "key"),
        (row(Sign.CHANGE, {"text": "x" * 40}, {"text": "y"}), "text"),
        (
            row(Sign.CHANGE, dict.fromkeys("abcde", 1), dict.fromkeys("abcde", "[secret]")),
            "a, b, c and 2 more",
        ),
        (
            row(Sign.REPLACE, {"a": 1}, {"a": 2}, keys=("workPoolName",)),
            "work pool name changed, cannot change in place",
        ),
        (row(Sign.REPLACE, {"a": 1}, {"a": 1}), "asked to be made anew"),
        (row(Sign.DELETE, {"a": 1}), ""),
        (row(Sign.DELETE, {"a": 1}, protect=True), "protected"),
        (row(Sign.SAME, {"a": 1}, {"a": 1}), ""),
    ],
)
def test_plans(item, fact):
    """The fact tells what a resource is, what changes in it, or why it is made anew."""
    assert describe_plan(item, UNICODE) == fact


def test_a_replacement_without_keys():
    """Where the provider names no keys, its detailed diff tells which property replaces."""
    detailed = {"type": PropertyDiff(DiffKind.UPDATE_REPLACE), "b": PropertyDiff(DiffKind.UPDATE)}
    item = row(Sign.REPLACE, {"type": 1, "b": 1}, {"type": 2, "b": 2}, detailed_diff=detailed)

    assert describe_plan(item, UNICODE).startswith("type changed,")


@pytest.mark.parametrize(
    ("state", "over", "text"),
    [
        (State.WAITING, False, "· waiting"),
        (State.WAITING, True, "not started"),
        (State.RUNNING, False, "* creating"),
        (State.RUNNING, True, "interrupted"),
        (State.DONE, False, "created"),
        (State.FAILED, True, "failed"),
    ],
)
def test_progress(state, over, text):
    """Each state has its words, and at the end nothing waits any more."""
    item = Row(Sign.CREATE, row(Sign.CREATE, new={}).step, state)

    assert describe_progress(item, "*", UNICODE, over=over) == text


def test_status_goes_before_the_sign():
    """What a provider reports is shown in the place of the general word."""
    item = Row(Sign.CREATE, row(Sign.CREATE, new={}).step, State.RUNNING, status="1 of 2 ready")

    assert describe_progress(item, "*", UNICODE, over=False) == "* 1 of 2 ready"
