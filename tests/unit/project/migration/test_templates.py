"""Templates of prefect.yaml."""

import pytest

from meta_prefect.project.migration.expressions import evaluate, render
from meta_prefect.project.migration.templates import MISSING, convert_value


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [
        ("{{ $PLACE }}", 'os.environ.get("PLACE", "")', "eu"),
        ("a-{{$PLACE}}-b", '"a-" + os.environ.get("PLACE", "") + "-b"', "a-eu-b"),
        ("{{ $NOBODY_SET_THIS }}", 'os.environ.get("NOBODY_SET_THIS", "")', ""),
    ],
)
def test_the_environment_is_read_where_up_is_typed(monkeypatch, text, code, value):
    """A variable becomes code that reads it; a missing one is empty, as for `prefect deploy`."""
    monkeypatch.setenv("PLACE", "eu")

    converted = convert_value(text, MISSING, print, 1)

    assert (render(converted), converted.module, evaluate(converted)) == (code, "os", value)


@pytest.mark.parametrize(
    "text", ["plain", "{{ prefect.variables.x }}", "{{ prefect.blocks.secret.x }}", "{{ ctx.y }}"]
)
def test_what_a_worker_resolves_stays(text):
    """These texts are the same in builders."""
    assert convert_value({"a": [text, 1]}, MISSING, print, 1) == {"a": [text, 1]}


def test_what_a_build_step_gave_is_taken_from_what_is_deployed():
    """The value that is there is written and named; without one it is left out and named."""
    said = []

    def note(line, text):
        said.append(text)

    value = {"image": "{{ build.image }}", "env": {"A": "{{ build.tag }}"}, "b": 1}

    known = convert_value(value, {"image": "team/flows:1", "env": {}}, note, 1)
    alone = convert_value(["{{ build.image }}", 2], MISSING, note, 1)

    assert (known, alone) == ({"image": "team/flows:1", "env": {}, "b": 1}, [2])
    assert [text.partition(": ")[2] for text in said] == [
        "the value that is deployed now was written",
        "left out",
        "left out",
    ]
