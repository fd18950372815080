"""YAML with places."""

import pytest

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.project.migration.marked_yaml import read_yaml


def read(folder, text):
    (folder / "prefect.yaml").write_text(text)
    return read_yaml(folder / "prefect.yaml")


def test_every_value_knows_its_line(tmp_path):
    """Keys and items have lines, also those of anchors and merges, at which they are written."""
    found = read(
        tmp_path,
        "base: &base\n  a: 1\nlist:\n- <<: *base\n  b: 2026-01-02\n- [x,\n   y]\n",
    )

    merged, plain = found["list"]
    assert (merged, plain) == ({"a": 1, "b": "2026-01-02"}, ["x", "y"])
    assert (found.lines["list"], merged.lines, merged.line) == (3, {"a": 2, "b": 5}, 4)
    assert (found["list"].lines, plain.lines) == ([4, 6], [6, 7])


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [("a: [1\nb: 2\n", "line 2", "expected"), ("- a\n", "line 1", "no mapping")],
)
def test_a_file_that_is_none_is_refused(tmp_path, text, where, why):
    """The line and the reason are named."""
    with pytest.raises(MetaPrefectError, match="MP1501") as caught:
        read(tmp_path, text)

    assert where in caught.value.diagnostic.where
    assert why in caught.value.diagnostic.why


def test_a_missing_file_is_refused(tmp_path):
    """It is an error, not an empty file."""
    with pytest.raises(MetaPrefectError, match="MP1501"):
        read_yaml(tmp_path / "prefect.yaml")
