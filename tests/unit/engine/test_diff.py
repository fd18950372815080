"""Comparison of property values."""

import pytest

from meta_prefect.engine.diff import compare, is_same, list_changed_keys
from meta_prefect.interfaces.events import DiffKind
from meta_prefect.interfaces.values import UNKNOWN, Asset, ResourceReference, Secret


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (None, None, True),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [2, 1], False),
        (Secret(1), Secret(1), True),
        (Secret(1), 1, False),
        (Secret({"a": True}), Secret({"a": 1}), False),
        (UNKNOWN, "x", False),
        (Asset(text="a", hash="h"), Asset(hash="h"), True),
        (Asset(text="a", hash="h"), Asset(text="a", hash="i"), False),
        (ResourceReference("u", "i", "1.0"), ResourceReference("u", "i", "2.0"), True),
        (ResourceReference("u", "i"), ResourceReference("u", "j"), False),
    ],
)
def test_is_same(old, new, same):
    """Values are the same in the engine's sense, not in Python's."""
    assert is_same(old, new) is same


def test_compare_names_the_deepest_places():
    """Every place that differs is named once, by its path."""
    old = {"a": 1, "gone": 1, "list": [1, 2, 3], "map": {"x.y": 1}}
    new = {"a": 1, "new": 1, "list": [1, 5], "map": {"x.y": 2}}

    found = {path: item.kind for path, item in compare(old, new).items()}

    assert found == {
        "gone": DiffKind.DELETE,
        "new": DiffKind.ADD,
        "list[1]": DiffKind.UPDATE,
        "list[2]": DiffKind.DELETE,
        'map["x.y"]': DiffKind.UPDATE,
    }


def test_secretness_alone_is_no_difference():
    """Secrets are looked through on both sides."""
    assert compare({"a": Secret(1)}, {"a": 1}) == {}
    assert list_changed_keys({"a": Secret(1), "b": 1}, {"a": 1, "b": Secret(2)}) == ("b",)
