"""What counts as a difference of inputs."""

import pytest

from meta_prefect.provider.comparison import compare_inputs, find_unsettled
from meta_prefect.provider.fields import DECLARED, Field, FieldType, ResourceKind

KIND = ResourceKind(
    "prefect:index:Thing",
    "A thing.",
    fields=(
        Field("tags", FieldType.STRING_SET, "Tags.", identity=str),
        Field("schedules", FieldType.LIST, "Schedules.", left_alone=True),
    ),
    outputs=(),
)


@pytest.mark.parametrize(("old", "new"), [(None, []), ([], None), ([], [])])
def test_nothing_and_an_empty_value_are_the_same(old, new):
    """The server does not tell an empty set from none, so neither do we."""
    assert compare_inputs(KIND, {"tags": old}, {"tags": new}) == ()


def test_an_empty_list_of_what_was_left_alone_is_a_change():
    """Declaring no schedules takes away those of others; not declaring any does nothing."""
    (difference,) = compare_inputs(KIND, {}, {"schedules": []})

    assert difference.field.name == "schedules"
    assert compare_inputs(KIND, {"schedules": []}, {}) == ()


def test_what_the_server_did_not_take_is_named():
    """After a write, a declared input that reads back differently is unsettled; others are not."""
    asked = {"tags": ["a"], DECLARED: ["tags"]}

    assert find_unsettled(KIND, asked, {"tags": ["a"]}) == ()
    assert find_unsettled(KIND, asked, {"tags": None}) == ("tags",)
    assert find_unsettled(KIND, {"tags": ["a"]}, {"tags": None}) == ()
