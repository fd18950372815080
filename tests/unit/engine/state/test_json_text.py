import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.engine.state.json_text import parse, render, to_bytes
from tests.support.state import numbers, texts

documents = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(texts, inner)),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.5, "-0.5"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.25e-10, "1.25e-10"),
        (123456789.125, "123456789.125"),
        (1e16, "10000000000000000"),
        (2**63, "9223372036854775808"),
    ],
)
def test_numbers_are_written_as_go_writes_doubles(number, text):
    """A point only where needed, an exponent only outside 1e-6 and 1e21."""
    assert render(number) == text


def test_text_is_not_escaped_for_html():
    """Only what Go's encoder escapes without HTML escaping is escaped."""
    assert render("<&>\u2028é\n") == '"<&>\\u2028é\\n"'


@given(documents)
def test_what_is_written_is_read_back(document):
    """Any JSON value survives, in bytes of UTF-8."""
    assert json.loads(to_bytes(render(document))) == document


@given(st.lists(documents, max_size=4), st.integers(0, 2))
def test_items_keep_their_text(items, indent):
    """The items of the named list come parsed and with their own text, on one line."""
    text = json.dumps({"a": {"x": 1, "list": items}}, indent=indent or None)

    found = parse(text, ("a", "list"))["a"]

    assert [item.document for item in found["list"]] == items
    assert [json.loads(item.text) for item in found["list"]] == items
    assert all("\n" not in item.text for item in found["list"])
    assert found["x"] == 1


@pytest.mark.parametrize(
    "text", ["", "{", '{"a":', '{"a":{"list":[1', "[]", '{"a":{}} x', '{"a" 1}']
)
def test_broken_text_is_an_error(text):
    """What is not JSON, or is cut short, is not read."""
    with pytest.raises(json.JSONDecodeError):
        parse(text, ("a", "list"))
