"""The base after a refresh."""

from meta_prefect.engine.embedded.refresh import invert, rebuild
from meta_prefect.engine.embedded.steps import Difference
from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from tests.support.state import make_stack, make_state, urn_of


def test_rebuild_drops_references_to_what_is_gone():
    """References to records that are not there any more go, and everything else stays."""
    state = make_state(
        "b",
        dependencies=[urn_of("a"), urn_of("c")],
        property_dependencies={"x": [urn_of("a")], "y": [urn_of("c")]},
        deleted_with=urn_of("a"),
        replace_with=[urn_of("a")],
    )

    (_, rebuilt) = rebuild([make_state("c"), state])

    assert rebuilt.dependencies == [urn_of("c")]
    assert rebuilt.property_dependencies == {"x": [], "y": [urn_of("c")]}
    assert rebuilt.deleted_with == ""
    assert rebuilt.replace_with == []


def test_rebuild_leaves_orphans_without_a_parent():
    """A child whose parent is gone has none: that is what Pulumi stores."""
    orphan = make_state("c", parent=urn_of("b"))

    (_, rebuilt) = rebuild([make_stack(), orphan])

    assert rebuilt.parent == ""


def test_rebuild_keeps_what_needs_no_change():
    """A record whose references hold is the same object."""
    states = [make_state("a"), make_state("b", dependencies=[urn_of("a")])]

    assert rebuild(states) == states


def test_invert():
    """A difference that was asked for backwards is shown forwards, and replaces nothing."""
    difference = Difference(
        changed=True,
        replace=True,
        keys=("a",),
        diffs=("a", "b"),
        detailed_diff={
            "a": PropertyDiff(DiffKind.ADD_REPLACE),
            "b": PropertyDiff(DiffKind.UPDATE),
        },
    )

    inverted = invert(difference)

    assert inverted.changed
    assert not inverted.replace
    assert inverted.detailed_diff["a"].kind is DiffKind.DELETE_REPLACE
    assert inverted.detailed_diff["b"].kind is DiffKind.UPDATE
