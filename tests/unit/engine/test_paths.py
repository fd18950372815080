"""Property paths."""

import pytest

from meta_prefect.engine.paths import ANY, build_path, covers, parse_path, restore
from meta_prefect.interfaces.values import Secret


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("a[0].b", ("a", 0, "b")),
        ("a[*]", ("a", ANY)),
        ("*", (ANY,)),
        ("a.*.b", ("a", ANY, "b")),
        ('a["x.y"]', ("a", "x.y")),
        ('["say \\"hi\\""].b', ('say "hi"', "b")),
        ("#initerror", ("#initerror",)),
    ],
)
def test_parse(text, parts):
    """A path is taken apart into keys, indices and wildcards."""
    assert parse_path(text) == parts


@pytest.mark.parametrize("text", ["a[", "a[x", 'a["x', "a]"])
def test_no_path(text):
    """Brackets that do not close are refused."""
    with pytest.raises(ValueError, match="not a property path"):
        parse_path(text)


@pytest.mark.parametrize("parts", [("a",), ("a", 0, "b"), ("a", "x.y", "b"), ('q"', ""), ("a[0]",)])
def test_round_trip(parts):
    """A path that was written is read as what it was."""
    assert parse_path(build_path(parts)) == parts


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("a", "a", True),
        ("a", "a.b", True),
        ("a.b", "a", False),
        ("a[*].b", "a[3].b", True),
        ("*", "anything.at.all", True),
        ("a", "ab", False),
    ],
)
def test_covers(pattern, path, covered):
    """A pattern covers its own place and everything under it."""
    assert covers(parse_path(pattern), parse_path(path)) is covered


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("a", {"a": 1}, {"a": 2}, {"a": 1}),
        ("a", {"a": 1}, {}, {"a": 1}),
        ("a", {}, {"a": 2}, {}),
        ("a.b", {"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}, {"a": {"b": 1, "c": 2}}),
        ("a.b", {}, {}, {}),
        ("a[1]", {"a": [1, 2]}, {"a": [3, 4]}, {"a": [3, 2]}),
        ("a[2]", {"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ("a[*]", {"a": [1, 2]}, {"a": [3, 4]}, {"a": [1, 2]}),
        ("a.*", {"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, {"a": {"b": 1}}),
        ("a.*.c", {"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}, "d": {}}}, None),
        ("a.b", {}, {"a": {"b": 1, "c": 2}}, {"a": {"c": 2}}),
        ("a.b", {"a": 1}, {"a": {"b": 1, "c": 2}}, {"a": {"c": 2}}),
        ("a[*].b", {"a": [{"b": 1}]}, {"a": [{"b": 2, "c": 3}]}, {"a": [{"b": 1, "c": 3}]}),
        ("*", {"a": 1, "b": 2}, {"a": 3, "c": 4}, {"a": 1, "b": 2}),
    ],
)
def test_restore(path, old, new, expected):
    """Old values come back at the ignored path, and only there."""
    if expected is None:
        expected = {"a": {"b": {"c": 1}, "d": {}}}

    assert restore((path,), old, new) == (expected, ())


def test_restore_in_a_secret():
    """A path leads into a secret, which stays one."""
    restored, failed = restore(("a.b",), {"a": {"b": 1}}, {"a": Secret({"b": 2})})

    assert restored == {"a": Secret({"b": 1})}
    assert failed == ()


def test_restore_what_was_secret():
    """A value that was inside a secret comes back as one where the new side would show it."""
    restored, _ = restore(("a.b",), {"a": Secret({"b": 1})}, {"a": {"b": 2}})

    assert restored == {"a": {"b": Secret(1)}}


@pytest.mark.parametrize("new", [{}, {"a": 1}])
def test_restore_where_the_container_is_missing(new):
    """Where the new side lacks what holds the value, nothing changes and the path is told."""
    assert restore(("a.b",), {"a": {"b": 1}}, new) == (new, ("a.b",))


@pytest.mark.parametrize(
    ("path", "old", "new", "kept"),
    [
        ("a[1]", [1, 2], [3], [3]),
        ("a[1]", [1], [3, 4], [3, 4]),
        ("a[*]", [1, 2], [3], [1]),
        ("a[*]", [1], [3, 4], [1, 4]),
        ("a[*].b", [{"b": 1}], [{"b": 2}, {"b": 3}], [{"b": 1}, {"b": 3}]),
    ],
)
def test_restore_in_lists_of_different_length(path, old, new, kept):
    """A list keeps its length: what both have comes back, and the path is told."""
    assert restore((path,), {"a": old}, {"a": new}) == ({"a": kept}, (path,))


def test_restore_without_a_path():
    """What is no path changes nothing and is not told."""
    assert restore(("a[",), {"a": 1}, {"a": 2}) == ({"a": 2}, ())


def test_restore_changes_nothing_in_place():
    """The values given are left as they were."""
    new = {"a": {"b": [2]}}

    restore(("a.b[0]",), {"a": {"b": [1]}}, new)

    assert new == {"a": {"b": [2]}}
