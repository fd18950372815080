"""Reading a run's parameters from the command line."""

import pytest

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.runs import parse_parameters

SCHEMA = {
    "type": "object",
    "properties": {
        "x": {"type": "integer"},
        "name": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "anything": {},
    },
    "required": ["x"],
}


def test_text_is_read_as_the_parameter_takes_it():
    """Numbers and lists are JSON; a text parameter keeps its text, also one of digits."""
    values = parse_parameters(
        "f", SCHEMA, {"x": "1", "name": "2", "tags": '["a"]', "anything": "plain words"}
    )

    assert values == {"x": 1, "name": "2", "tags": ["a"], "anything": "plain words"}


def test_all_that_does_not_fit_is_said_at_once():
    """Wrong types, unknown and missing parameters come in one usage error."""
    with pytest.raises(MetaPrefectError) as caught:
        parse_parameters("f", SCHEMA, {"tags": "no", "q": "1"})

    why = caught.value.diagnostic.why
    assert caught.value.exit_code is ExitCode.USAGE
    assert "'x' is a required property" in why
    assert "tags: 'no' is not of type 'array'" in why
    assert "q: there is no such parameter" in why
