import pytest

from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.blocks import (
    choose_schema,
    find_data_failures,
    find_secret_paths,
    read_data,
    restore_data,
)

FIELDS = {
    "properties": {
        "url": {"type": "string"},
        "port": {"type": "integer"},
        "secret": {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/Missing"}]},
        "auth": {"$ref": "#/definitions/Auth"},
    },
    "required": ["url"],
    "definitions": {"Auth": {"type": "object", "properties": {"user": {"type": "string"}}}},
}
REFERENCE = {"$ref": {"block_document_id": "1"}}


def test_secret_paths():
    """A dotted name is a path, and a wildcard makes all that is below secret."""
    fields = {"secret_fields": ["password", "auth.key", "headers.*", "*", "password"]}

    assert find_secret_paths(fields) == {
        ("data", "password"),
        ("data", "auth", "key"),
        ("data", "headers"),
        ("data",),
    }
    assert find_secret_paths({}) == frozenset()


@pytest.mark.parametrize(
    ("versions", "wanted", "chosen"),
    [
        (["0.4.14", "0.7.12", "non-versioned"], None, "0.7.12"),
        (["0.9.0", "0.10.0"], None, "0.10.0"),
        (["non-versioned"], None, "non-versioned"),
        (["1.0", "2.0"], "1.0", "1.0"),
    ],
)
def test_highest_version_is_chosen(versions, wanted, chosen):
    """Versions are compared by their numbers, whichever schema is the newest."""
    rows = [{"version": version, "created": str(at)} for at, version in enumerate(versions)]

    assert choose_schema(rows, wanted)["version"] == chosen


def test_newest_of_one_version_is_chosen():
    """Of two schemas with one version the newer one is taken; none of another version."""
    rows = [{"version": "1", "created": "2", "id": "b"}, {"version": "1", "created": "1"}]

    assert choose_schema(rows)["id"] == "b"
    assert choose_schema(rows, "3") is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"a": {"b": REFERENCE}}, "inside of 'a'"),
        ({"a": [REFERENCE]}, "inside of 'a'"),
        ({"a": {"$ref": "#/definitions/x"}}, "must refer to another block as"),
        ({"a": {"$ref": {}}}, "must refer to another block as"),
    ],
)
def test_reference_that_nobody_follows_is_refused(data, reason):
    """The server follows a reference only when it is the whole value of a field."""
    with pytest.raises(ValueError, match=reason):
        read_data(data)


def test_references_and_hidden_secrets_come_back_as_written():
    """What a reference points to is not data, and stars stand for what is stored."""
    row = {
        "data": {"other": {"url": "x"}, "token": "********", "n": {"key": "********", "open": 2}},
        "block_document_references": {"other": {"block_document": {"id": "1"}}},
    }
    stored = {"token": "hush", "n": {"key": "quiet", "open": 1}}

    assert restore_data(row, stored) == {
        "other": REFERENCE,
        "token": "hush",
        "n": {"key": "quiet", "open": 2},
    }


@pytest.mark.parametrize(
    ("data", "failures"),
    [
        ({"url": "x", "port": 1, "secret": {"any": "thing"}, "block_type_slug": "y"}, {}),
        ({"url": UNKNOWN, "auth": REFERENCE, "port": None}, {}),
        ({"url": "x", "auth": {"user": None}}, {}),
        ({"port": 1}, {"data.url": "is required"}),
        ({"url": "x", "prot": 1}, {"data.prot": "did you mean 'port'?"}),
        ({"url": "x", "port": "hush"}, {"data.port": "type must be integer"}),
        ({"url": "x", "auth": {"user": 1}}, {"data.auth.user": "type must be string"}),
    ],
)
def test_data_that_does_not_fit(data, failures):
    """Missing, unknown and mistyped fields are told; what comes later or is open is not."""
    found = dict(find_data_failures(data, FIELDS))

    assert found.keys() == failures.keys()
    assert all(reason in found[path] for path, reason in failures.items())
    assert "hush" not in str(found)


def test_schema_may_allow_more():
    """A schema with additional properties takes any field."""
    assert not [*find_data_failures({"url": "x", "n": 1}, FIELDS | {"additionalProperties": True})]
