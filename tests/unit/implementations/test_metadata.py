"""Tags and versions from the environment."""

from dataclasses import replace

import pytest

from meta_prefect.implementations.metadata import parse_tags, tags_resolver, versioneer
from meta_prefect.interfaces.deployment import DeploymentSpec, FlowSource

BASE = DeploymentSpec("f", "dev", FlowSource("/project", "f.py", "f", content_hash="c0ffee"))


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", ()),
        ("a", ("a",)),
        (" b , a ", ("a", "b")),
        ("a,,a, ,b", ("a", "b")),
        ("two words,ü", ("two words", "ü")),
    ],
)
def test_tags_are_trimmed_and_unique(text, tags):
    """Tags are split at commas, trimmed, without empties and doubles."""
    assert parse_tags(text) == tags


def test_tags_of_the_environment_join_those_that_are_there(monkeypatch):
    """`META_PREFECT__TAGS` adds to the deployment's tags."""
    monkeypatch.setenv("META_PREFECT__TAGS", "b, a")

    built = tags_resolver().update_deployment(BASE.with_tags(["z"]))

    assert built.tags == ("a", "b", "z")


def test_the_version_of_the_environment_wins(monkeypatch):
    """`META_PREFECT__VERSION` is the version, whatever was there before."""
    monkeypatch.setenv("META_PREFECT__VERSION", "1.2")

    assert versioneer().update_deployment(replace(BASE, version="0")).version == "1.2"


def test_without_the_variable_the_content_is_the_version(monkeypatch):
    """A flow without a version of its own is versioned by what it contains."""
    monkeypatch.delenv("META_PREFECT__VERSION", raising=False)

    assert versioneer().update_deployment(BASE).version == "c0ffee"
    assert versioneer().update_deployment(replace(BASE, version="7")).version == "7"
