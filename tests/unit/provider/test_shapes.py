import pytest

from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.shapes import Family, Misfit, Part, Shape, read_list, read_shaped


def read_small(value):
    if value > 3:
        raise Misfit("must be 3 or less")
    return float(value)


THINGS = Family(
    "thing",
    {
        "leaf": Shape(
            {"size": Part(read_small, default=0.0), "the_name": Part(str, required=True)},
            judge=lambda value: [(("size",), "is odd")] if value["size"] == 3 else [],
            finish=lambda value: {**value, "size": value["size"] or 2.0},
        ),
        "tree": Shape({"things": Part(list, required=True, nested=True)}),
        "cloud": Shape({}, cloud_only=True),
    },
    default="leaf",
)


def read(value, **options):
    return read_shaped(THINGS, value, is_cloud=options.get("is_cloud", False))


def test_defaults_are_filled_in():
    """A key that is left out has its default, and the id that the server gave is dropped."""
    found = read({"the_name": "a", "id": "x"})

    assert found.value == {"type": "leaf", "size": 2.0, "the_name": "a"}
    assert found.failures == []


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        (1, (), "must be an object, not a number"),
        ({"type": "leef"}, ("type",), "did you mean 'leaf'?"),
        ({"type": ["leaf"]}, ("type",), "a type of thing: leaf, tree"),
        ({"type": "cloud"}, ("type",), "only in Prefect Cloud; here: leaf, tree"),
        ({"the_name": "a", "theName": "b"}, ("theName",), "did you mean 'the_name'?"),
        ({}, ("the_name",), "is required"),
        ({"the_name": "a", "size": 4}, ("size",), "3 or less"),
        ({"the_name": "a", "size": 3}, ("size",), "is odd"),
        ({"type": "tree", "things": {}}, ("things",), "must be a list"),
        ({"type": "tree", "things": [{}]}, ("things", 0, "the_name"), "is required"),
    ],
)
def test_what_is_wrong(value, path, reason):
    """Each failure has its path, and reading the outcome again finds the same."""
    first = read(value)
    again = read(first.value)

    ((found_path, found_reason),) = first.failures
    assert found_path == path
    assert reason in found_reason
    assert again == first


def test_all_that_is_wrong_is_told():
    """Failures of several objects and keys come together."""
    values = [{"size": 9, "x": 1}, {"type": "no"}]

    found = read_list(THINGS, values, is_cloud=False)

    assert [path for path, _ in found.failures] == [
        (0, "x"),
        (0, "size"),
        (0, "the_name"),
        (1, "type"),
    ]


@pytest.mark.parametrize("value", [UNKNOWN, {"type": UNKNOWN}, {"the_name": UNKNOWN}])
def test_unknown_parts_pass(value):
    """What comes later is let through as it is."""
    assert read(value).failures == []


def test_cloud_has_more():
    """A type of Prefect Cloud is taken there."""
    assert read({"type": "cloud"}, is_cloud=True).failures == []
