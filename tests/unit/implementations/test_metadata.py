"""Tags, versions, names, descriptions and labels."""

import re
import subprocess
from dataclasses import replace
from importlib.metadata import version

import pytest

from meta_prefect.implementations.metadata import (
    describer,
    labels,
    namer,
    parse_tags,
    tags,
    tags_resolver,
    versioneer,
)
from meta_prefect.interfaces.deployment import DeploymentSpec, FlowSource

BASE = DeploymentSpec("f", "dev", FlowSource("/project", "f.py", "f", content_hash="c0ffee"))


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("", ()),
        ("a", ("a",)),
        (" b , a ", ("a", "b")),
        ("a,,a, ,b", ("a", "b")),
        ("two words,ü", ("two words", "ü")),
    ],
)
def test_tags_are_trimmed_and_unique(text, parsed):
    """Tags are split at commas, trimmed, without empties and doubles."""
    assert parse_tags(text) == parsed


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


def test_the_version_can_be_written_down(monkeypatch):
    """A given version wins over the flow's own; the variable wins over both."""
    monkeypatch.delenv("META_PREFECT__VERSION", raising=False)
    given = versioneer(version="2.1")

    assert given.update_deployment(replace(BASE, version="7")).version == "2.1"
    monkeypatch.setenv("META_PREFECT__VERSION", "3")
    assert given.update_deployment(BASE).version == "3"


def test_the_version_can_be_the_commit(monkeypatch, tmp_path):
    """Eight digits of the commit, marked when something is not committed; no git is said."""
    monkeypatch.delenv("META_PREFECT__VERSION", raising=False)
    spec = replace(BASE, source=FlowSource(str(tmp_path), "f.py", "f"))
    with pytest.raises(ValueError, match=r'versioneer\("git"\): .*not a git repository'):
        versioneer("git").update_deployment(spec)
    commit(tmp_path)

    clean = versioneer("git").update_deployment(spec).version
    (tmp_path / "f.py").write_text("2")
    dirty = versioneer("git").update_deployment(spec).version

    assert re.fullmatch("[0-9a-f]{8}", clean)
    assert dirty == f"{clean}-dirty"


def commit(folder):
    """Make a repository with one file."""
    (folder / "f.py").write_text("1")
    who = ["-c", "user.name=n", "-c", "user.email=e@x"]
    for command in (["init", "-q"], ["add", "f.py"], [*who, "commit", "-q", "-m", "m"]):
        subprocess.run(["git", "-C", folder, *command], check=True)


def test_the_version_can_be_that_of_a_package(monkeypatch):
    """The package is named by the builder or by the environment."""
    monkeypatch.delenv("META_PREFECT__VERSION", raising=False)
    monkeypatch.delenv("META_PREFECT__PACKAGE_NAME", raising=False)
    expected = version("prefect")

    assert versioneer("package", package="prefect").update_deployment(BASE).version == expected
    with pytest.raises(ValueError, match="no-such-package is not installed"):
        versioneer("package", package="no-such-package").update_deployment(BASE)
    with pytest.raises(ValueError, match="META_PREFECT__PACKAGE_NAME"):
        versioneer("package").update_deployment(BASE)
    monkeypatch.setenv("META_PREFECT__PACKAGE_NAME", "prefect")
    assert versioneer("package").update_deployment(BASE).version == expected


def test_the_stack_can_be_a_tag(monkeypatch):
    """`tags_resolver(stack=True)` tells the stacks of a workspace apart."""
    monkeypatch.delenv("META_PREFECT__TAGS", raising=False)

    assert tags_resolver(stack=True).update_deployment(replace(BASE, stack="prod")).tags == (
        "stack=prod",
    )


def test_tags_and_labels_add_up():
    """Those of inner builders stay."""
    spec = tags("b").update_deployment(tags("a", "c").update_deployment(BASE))
    spec = labels({"x/y": True}, a=2).update_deployment(labels(a=1, b=1.5).update_deployment(spec))

    assert spec.tags == ("a", "b", "c")
    assert spec.labels == {"a": 2, "b": 1.5, "x/y": True}


def test_a_name_is_made_of_flow_stack_and_deployment():
    """The default deployment is called after its flow."""
    named = namer("{name}-{stack}-{flow}")

    default = named.update_deployment(replace(BASE, stack="dev"))
    nightly = named.update_deployment(replace(BASE, stack="dev", deployment="nightly"))

    assert (default.name, nightly.name) == ("f-dev-f", "nightly-dev-f")


def test_a_description_is_a_text_or_made_of_the_deployment():
    """Braces in a text mean nothing; a function sees the deployment so far."""
    plain = describer("{x}").update_deployment(BASE)
    made = describer(lambda spec: f"{spec.description}!").update_deployment(plain)

    assert (plain.description, made.description) == ("{x}", "{x}!")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: versioneer("svn"), r'versioneer\("svn"\)'),
        (lambda: versioneer("git", version="1"), "choose one"),
        (lambda: versioneer(package="x"), 'write "package" first'),
        (lambda: namer("{who}"), r'namer\("\{who\}"\)'),
        (lambda: namer(""), "namer"),
        (lambda: describer(" "), "describer"),
        (lambda: tags("a", ""), "tags"),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, message):
    """The message names the builder and the value."""
    with pytest.raises(ValueError, match=message):
        make()


def test_a_label_is_a_plain_value():
    """Prefect filters by text, numbers and booleans only."""
    with pytest.raises(TypeError, match=r"labels\(a="):
        labels(a=[1])
