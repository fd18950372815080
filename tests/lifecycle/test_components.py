"""Components of plugins that are written with Pulumi's SDK, in processes of their own."""

import os

import pulumi
import pytest

from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench, Group
from tests.support.plugins.files import write_plugin


class Box(pulumi.ComponentResource):
    """The component as its users see it."""

    said: pulumi.Output[str]

    def __init__(self, name, opts=None, **props):
        super().__init__("box:index:Box", name, {**props, "said": None}, opts, remote=True)


@pytest.fixture
def bench(tmp_path):
    """A stack whose plugin for boxes is on PATH; things are of the in-memory cloud."""
    write_plugin(tmp_path / "bin", "box", module="component_main")
    environment = {**os.environ, "PATH": str(tmp_path / "bin")}
    place = PluginPlace(environment, tmp_path / "home", {}, may_download=False)
    return EmbeddedBench(tmp_path / "state", plugins=place)


def program(word):
    return lambda: pulumi.export("said", Box("b", word=word).said)


def test_a_component_of_a_plugin(bench):
    """A component is constructed, kept, changed and deleted with what is in it."""
    made = bench.up(program("hello"))
    kept = bench.up(program("hello"))
    kept_steps = bench.steps
    changed = bench.up(program("bye"))
    changed_steps = bench.steps
    gone = bench.destroy()

    results = [made, kept, changed, gone]
    assert [result.outcome for result in results] == [Outcome.SUCCEEDED] * 4
    assert made.outputs["said"].value == "hello!out-b-thing-1"
    assert kept_steps == [("same", "b"), ("same", "b-thing")]
    assert changed_steps == [("same", "b"), ("update", "b-thing")]
    assert changed.outputs["said"].value == "bye!out-b-thing-1"
    assert bench.cloud.objects == {}


def test_a_preview_of_a_component(bench):
    """A preview constructs it too, and knows no outputs of what is not there yet."""
    result = bench.preview(program("hello"))

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.steps == [("create", "b"), ("create", "b-thing")]
    assert bench.cloud.objects == {}


def test_inputs_that_are_missing(bench):
    """What the plugin says of each input is in the error."""
    result = bench.up(lambda: Box("b"))

    (diagnostic,) = result.diagnostics
    assert "box:index:Box resource 'b' has a problem" in diagnostic.summary
    assert "property word has a problem: Missing required input 'word'" in diagnostic.summary


def test_a_package_without_components(bench):
    """A package of this process constructs nothing, and says so."""

    class Wrong(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__("test:index:Wrong", name, {}, None, remote=True)

    result = bench.up(lambda: Wrong("w"))

    assert "package test constructs no components" in result.diagnostics[0].summary


def test_a_package_without_methods(bench):
    """A package of this process has no methods, and says so to the program."""

    def run():
        group = Group("g")
        pulumi.export("said", pulumi.runtime.call("test:index:say", {"__self__": group}, group))

    result = bench.up(run)

    assert "package test has no methods" in result.diagnostics[0].summary
