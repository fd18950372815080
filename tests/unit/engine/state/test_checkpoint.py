import pytest

from meta_prefect.engine.state.checkpoint import (
    ResourceState,
    build_manifest,
    build_timestamp,
    iterate_references,
)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_700_000_000_120_000_000, "2023-11-14T22:13:20.12Z"),
        (1_700_000_000_000_000_001, "2023-11-14T22:13:20.000000001Z"),
    ],
)
def test_moments_are_written_as_go_does(nanoseconds, text):
    """A moment is in UTC, with nanoseconds and without zeros at the end."""
    assert build_timestamp(nanoseconds) == text


def test_records_are_told_apart_by_identity():
    """Two records that say the same are two records."""
    assert ResourceState("u", "t") != ResourceState("u", "t")


def test_manifest_holds_the_hash_of_its_version():
    """The magic number is the SHA-256 of the version, in hex."""
    magic = build_manifest("now").magic

    assert magic == "f86dae3edf3fe6e708b87c6d6a143d3db5172f83cdfdb5d54206585b489dba50"


def test_references_name_their_field():
    """Every URN that a record needs comes with the field that names it."""
    state = ResourceState(
        "u",
        "t",
        provider="p::1",
        parent="a",
        dependencies=("b",),
        property_dependencies={"k": ["c"]},
        deleted_with="d",
        replace_with=("e",),
    )

    assert list(iterate_references(state)) == [
        ("provider", "p"),
        ("parent", "a"),
        ("dependencies", "b"),
        ("propertyDependencies", "c"),
        ("deletedWith", "d"),
        ("replaceWith", "e"),
    ]
