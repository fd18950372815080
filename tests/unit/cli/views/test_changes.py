from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.cli.views.changes import MISSING, list_changes, list_properties
from meta_prefect.cli.views.picture import Row, State
from meta_prefect.cli.views.theme import Sign
from meta_prefect.interfaces.events import DiffKind, Op, PropertyDiff, ResourceView
from tests.views import recordings as r

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "[1]", "{}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


def row(old, new, sign=Sign.CHANGE, outputs=None, **metadata):
    sides = (
        None if old is None else ResourceView("id", old, outputs or {}),
        None if new is None else ResourceView("id", new, {}),
    )
    return Row(sign, r.step(Op.UPDATE, r.POOL_ITSELF, *sides, **metadata), State.DONE)


def found(*args, **more):
    return [(item.text, item.kind, item.old, item.new) for item in list_changes(row(*args, **more))]


def test_values_come_from_the_detailed_diff():
    """Paths of the provider's diff are looked up on both sides."""
    detailed = {"a.b[1]": PropertyDiff(DiffKind.UPDATE), 'c["x.y"]': PropertyDiff(DiffKind.ADD)}

    changes = found(
        {"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}, "c": {"x.y": 4}}, detailed_diff=detailed
    )

    assert changes == [("a.b[1]", "update", 2, 3), ('c["x.y"]', "add", MISSING, 4)]


def test_maps_are_opened():
    """A map that changed is shown by what changed in it."""
    detailed = {"env": PropertyDiff(DiffKind.UPDATE)}
    old, new = {"env": {"A": 1, "B": 1, "C": 1}}, {"env": {"A": 1, "B": 2, "D": 1}}

    assert found(old, new, detailed_diff=detailed) == [
        ("env.B", "update", 1, 2),
        ("env.C", "delete", 1, MISSING),
        ("env.D", "add", MISSING, 1),
    ]


def test_json_in_text_is_opened():
    """JSON that is kept as text is compared as JSON."""
    detailed = {"template": PropertyDiff(DiffKind.UPDATE)}

    changes = found(
        {"template": '{"a": 1, "b": 2}'}, {"template": '{"b":3,"a":1}'}, detailed_diff=detailed
    )

    assert changes == [("template.b", "update", 2, 3)]


def test_only_keys_are_known():
    """Without a detailed diff the changed keys tell, and those that replace are marked."""
    item = row({"a": 1, "b": 1}, {"a": 2, "b": 2}, Sign.REPLACE, keys=("a",), diffs=("a", "b"))

    assert [(change.text, change.replaces) for change in list_changes(item)] == [
        ("a", True),
        ("b", False),
    ]


def test_nothing_is_known():
    """Without any word of the provider the inputs are compared."""
    assert found({"a": 1, "b": 1}, {"a": 1, "b": 2}) == [("b", "update", 1, 2)]


def test_drift_is_read_from_outputs():
    """A difference on the provider's side takes the old value from the outputs."""
    detailed = {"version": PropertyDiff(DiffKind.UPDATE, input_diff=False)}

    changes = found(
        {"version": "1"}, {"version": "1"}, outputs={"version": "2"}, detailed_diff=detailed
    )

    assert changes == [("version", "update", "2", "1")]


def test_nothing_set_is_nothing_there():
    """A property that is set to nothing counts as missing; protocol keys are nobody's."""
    old, new = {"a": 1, "__defaults": []}, {"a": None, "__defaults": ["b"]}

    assert found(old, new) == [("a", "delete", 1, MISSING)]


def test_whole_resources():
    """What comes or goes lists its properties as additions or deletions, and no changes."""
    coming, going = row(None, {"a": 1, "b": None}, Sign.CREATE), row({"a": 1}, None, Sign.DELETE)

    assert list_changes(coming) == ()
    assert [(item.text, item.kind) for item in list_properties(coming)] == [("a", "add")]
    assert [(item.text, item.kind) for item in list_properties(going)] == [("a", "delete")]


@given(
    st.dictionaries(st.sampled_from("abc"), VALUES), st.dictionaries(st.sampled_from("abc"), VALUES)
)
def test_both_sides_of_a_change_differ(old, new):
    """Whatever the values, a listed change has two different sides."""
    for change in list_changes(row(old, new)):
        assert (
            change.old is MISSING
            or change.new is MISSING
            or ((type(change.old), change.old) != (type(change.new), change.new))
        )


def test_rows_that_stay():
    """What does not change has no changes, whatever its sides hold."""
    assert list_changes(replace(row({"a": 1}, {"a": 2}), sign=Sign.SAME)) == ()
