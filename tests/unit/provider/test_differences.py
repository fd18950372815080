import pytest

from meta_prefect.interfaces.events import DiffKind
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.differences import (
    find_differences,
    find_member_differences,
    render_path,
)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("schedules", 0, "cron"), "schedules[0].cron"),
        (("parameters", "a.b"), 'parameters["a.b"]'),
        (("env", 'say "hi"', "x"), 'env["say \\"hi\\""].x'),
    ],
)
def test_paths_in_pulumis_spelling(path, text):
    """A path is spelt as Pulumi reads it."""
    assert render_path(path) == text


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1, "b": [1, 2]}, {"b": [1.0, 2], "a": 1}, {}),
        ({"a": None}, {}, {}),
        ({"a": 1}, {"a": 2}, {"a": DiffKind.UPDATE}),
        ({"a": {"b": 1}}, {"a": {}}, {"a.b": DiffKind.DELETE}),
        ({"a": [1]}, {"a": [1, 2]}, {"a[1]": DiffKind.ADD}),
        ({"a": 1}, {"a": True}, {"a": DiffKind.UPDATE}),
        ({"a": 1}, {"a": UNKNOWN}, {"a": DiffKind.UPDATE}),
    ],
)
def test_differences_are_structural(old, new, found):
    """Only what differs in meaning is found, at its innermost path."""
    assert {render_path(path): kind for path, kind in find_differences(old, new)} == found


def test_members_are_told_apart_by_identity():
    """A member that moved does not differ; one that went and one that came are named."""
    old = [{"slug": "a"}, {"slug": "b", "n": 1}, {"slug": "d"}]
    new = [{"slug": "b", "n": 2}, {"slug": "c"}, {"slug": "e"}]

    found = dict(find_member_differences(old, new, lambda item: item["slug"]))

    assert found == {
        (0,): DiffKind.DELETE,
        (1,): DiffKind.ADD,
        (2,): DiffKind.UPDATE,
        (0, "n"): DiffKind.UPDATE,
    }
