"""What a difference asks for."""

import pytest

from meta_prefect.engine.embedded.differences import (
    apply_replace_on_changes,
    compare_component,
    is_triggered,
    read_answer,
)
from meta_prefect.engine.embedded.steps import UNCHANGED
from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from meta_prefect.interfaces.provider import Changes, DiffResponse
from meta_prefect.interfaces.values import UNKNOWN, Secret
from tests.support.state import make_state


def test_no_change_is_final():
    """When the provider sees no difference there is none, whatever the inputs say."""
    assert read_answer(DiffResponse(Changes.NONE, ("a",)), {"a": 1}, {"a": 2}) == UNCHANGED


def test_unknown_lets_the_inputs_decide():
    """When the provider does not know, the engine compares, and looks through secrets."""
    answer = DiffResponse(Changes.UNKNOWN)

    changed = read_answer(answer, {"a": 1, "b": Secret(2)}, {"a": 3, "b": 2})
    same = read_answer(answer, {"b": Secret(2)}, {"b": 2})

    assert changed.changed
    assert changed.diffs == ("a",)
    assert list(changed.detailed_diff) == ["a"]
    assert not same.changed


@pytest.mark.parametrize(
    ("response", "keys"),
    [
        (DiffResponse(Changes.SOME, ("a",), ("a",)), ("a",)),
        (DiffResponse(Changes.SOME, ("a",), (), {"a": PropertyDiff(DiffKind.UPDATE_REPLACE)}), ()),
    ],
)
def test_replacement(response, keys):
    """Replace keys or a replacing kind make the change a replacement; keys are as given."""
    difference = read_answer(response, {"a": 1}, {"a": 2})

    assert difference.replace
    assert difference.keys == keys


@pytest.mark.parametrize(
    ("old", "new", "triggered"),
    [
        (1, 2, True),
        (1, 1, False),
        (None, 1, False),
        (1, None, False),
        (1, UNKNOWN, True),
        (None, UNKNOWN, True),
        ({"k": Secret(1)}, Secret({"k": 1}), False),
        (Secret(1), Secret(2), True),
    ],
)
def test_trigger(old, new, triggered):
    """
    A trigger fires when it is unknown, or changes under whatever secrecy.

    One that was not there, or is not any more, does not.
    """
    assert is_triggered(old, new) is triggered


def test_component():
    """A component changes when its inputs do."""
    assert not compare_component({"a": 1}, {"a": 1}).changed
    assert compare_component({"a": 1}, {"a": 2}).changed


def test_replace_on_changes():
    """A change under a path becomes a replacement, in kinds and keys."""
    response = DiffResponse(Changes.SOME, ("cfg",), (), {"cfg.cpu": PropertyDiff(DiffKind.UPDATE)})
    answer = read_answer(response, {}, {})

    difference = apply_replace_on_changes(answer, make_state("a"), ["cfg"])

    assert difference.replace
    assert difference.keys == ("cfg",)
    assert difference.detailed_diff["cfg.cpu"].kind is DiffKind.UPDATE_REPLACE


def test_replace_on_other_changes():
    """A change elsewhere stays an update."""
    answer = read_answer(DiffResponse(Changes.SOME, ("x",)), {}, {})

    assert not apply_replace_on_changes(answer, make_state("a"), ["cfg"]).replace


@pytest.mark.parametrize(("pattern", "replaces"), [("#initerror", True), ("*", True), ("x", False)])
def test_replace_on_init_errors(pattern, replaces):
    """A resource that never became ready is replaced if its options say so."""
    old = make_state("a", init_errors=["not ready"])

    assert apply_replace_on_changes(UNCHANGED, old, [pattern]).replace is replaces


@pytest.mark.parametrize("tells", [True, False])
def test_init_errors_have_a_place(tells):
    """Where the provider tells of places, what never became ready is one of them."""
    old = make_state("a", init_errors=["not ready"])
    answer = read_answer(DiffResponse(Changes.NONE, detailed_diff={} if tells else None), {}, {})

    difference = apply_replace_on_changes(answer, old, ["#initerror"])

    assert difference.keys == ("#initerror",)
    assert list(difference.detailed_diff) == (["#initerror"] if tells else [])
