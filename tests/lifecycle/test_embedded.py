"""Single behaviours of the embedded engine that the recordings do not show."""

import threading

import pulumi
import pytest

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.engine import ConfigValue, OperationKind, Outcome, Scope
from meta_prefect.interfaces.events import ResourcePre
from meta_prefect.interfaces.provider import ProviderError
from tests.support.embedded import EmbeddedBench, Group, Thing


@pytest.fixture
def bench(tmp_path):
    return EmbeddedBench(tmp_path)


class Other(pulumi.CustomResource):
    def __init__(self, name):
        super().__init__("other:index:Thing", name, {})


def test_package_without_a_plugin(bench):
    """A package that nobody serves fails its resource, with the way to get its plugin."""
    result = bench.up(lambda: Other("a"))

    (diagnostic,) = result.diagnostics
    assert diagnostic.code == "MP5107"
    assert "other" in diagnostic.summary
    assert diagnostic.fixes == ("pulumi plugin install resource other",)


def test_secrets_are_masked_in_events(bench):
    """No event shows a secret, in inputs or outputs."""
    bench.up(lambda: Thing("a", token=pulumi.Output.secret("hunter2")))

    assert "hunter2" not in repr(bench.events)
    assert "[secret]" in repr(bench.events)
    assert bench.stored["a"].outputs["token"].value == "hunter2"


def test_unknowns_are_shown_as_such(bench):
    """A preview shows what it cannot know as `[unknown]`."""

    def program():
        first = Thing("a")
        Thing("b", x=first.out)

    bench.preview(program)

    shown = [event.metadata for event in bench.events if isinstance(event, ResourcePre)]
    assert {step.urn[-1]: step.new.inputs for step in shown}["b"] == {"x": "[unknown]"}


def test_secret_config_reaches_the_program(bench):
    """The program reads config, and what is secret there is secret in state."""
    config = {"conf:plain": ConfigValue("p"), "conf:key": ConfigValue("k", secret=True)}

    def program():
        settings = pulumi.Config()
        Thing("a", plain=settings.require("plain"), key=settings.require_secret("key"))

    bench.up(program, config=config)

    inputs = bench.stored["a"].inputs
    assert inputs["plain"] == "p"
    assert inputs["key"].value == "k"


def test_outputs_of_the_stack(bench):
    """Exports are in the result, in clear and with their secret flag."""

    def program():
        first = Thing("a")
        pulumi.export("plain", first.out)
        pulumi.export("key", pulumi.Output.secret("k"))

    result = bench.up(program)

    assert {key: (item.value, item.secret) for key, item in result.outputs.items()} == {
        "plain": ("out-a-1", False),
        "key": ("k", True),
    }


def test_another_stacks_outputs(bench):
    """A stack reference gives the outputs of another stack of the same backend."""
    bench.up(lambda: pulumi.export("bucket", "b-1"), stack="base")

    def program():
        reference = pulumi.StackReference("organization/conf/base")
        Thing("a", bucket=reference.get_output("bucket"))

    result = bench.up(program)

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.stored["a"].inputs == {"bucket": "b-1"}


def test_an_unchanged_stack_is_not_written(bench, tmp_path):
    """A run that changes nothing leaves the checkpoint as it is, byte by byte."""
    bench.up(lambda: Thing("a", x=1))
    path = tmp_path / ".pulumi" / "stacks" / "conf" / "dev.json"
    before = path.read_bytes()

    bench.up(lambda: Thing("a", x=1))

    assert path.read_bytes() == before


def test_failure_of_one_chain_keeps_the_others(bench):
    """With continue-on-error what does not depend on a failure is made."""
    bench.cloud.failing["create", "a"] = ProviderError("no quota")

    def program():
        first = Thing("a")
        Thing("b", x=first.out)
        Thing("c")

    result = bench.up(program, continue_on_error=True)

    assert result.outcome is Outcome.FAILED
    assert list(bench.stored) == ["c"]
    assert [item.summary for item in result.diagnostics] == ["no quota"]


def test_a_providers_bug_fails_its_step(bench):
    """An exception that is no provider error fails the step, and state tells the truth."""
    bench.cloud.failing["create", "a"] = KeyError("oops")

    result = bench.up(lambda: Thing("a"))

    assert result.outcome is Outcome.FAILED
    assert bench.stored == {}
    assert "oops" in result.diagnostics[0].summary


def test_destroy_goes_from_dependents_to_dependencies(bench):
    """Destroy deletes what depends on others first, and leaves an empty stack."""

    def program():
        first = Thing("a")
        second = Thing("b", x=first.out)
        Thing("c", opts=pulumi.ResourceOptions(depends_on=[second]))

    bench.up(program)
    result = bench.destroy()

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.steps == [("delete", "c"), ("delete", "b"), ("delete", "a")]
    assert bench.backend.load("dev").resources == []


def test_a_renamed_component_keeps_its_children(bench):
    """An alias on a component finds its children too, under their prefixed names."""

    def before():
        group = Group("old")
        Thing("old-thing", pulumi.ResourceOptions(parent=group))

    def after():
        group = Group("new", pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")]))
        Thing("new-thing", pulumi.ResourceOptions(parent=group))

    bench.up(before)
    result = bench.up(after)

    assert result.outcome is Outcome.SUCCEEDED
    assert {op for op, _ in bench.steps} == {"same"}
    assert sorted(bench.stored) == ["new", "new-thing"]


def test_untouched_resources_are_not_reported(bench):
    """An operation with targets says nothing of the rest, and keeps it."""
    bench.up(lambda: [Thing("a", x=1), Thing("b", x=1)])

    result = bench.up(lambda: Thing("a", x=2), scope=Scope(targets=("**::a",)))

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.steps == [("update", "a")]
    assert sorted(bench.stored) == ["a", "b"]


def test_a_dead_object_is_seen_by_refresh(bench):
    """Refresh drops what is gone in the world; the next run makes it again."""
    bench.up(lambda: Thing("a"))
    bench.cloud.objects.clear()

    refreshed = bench.refresh()
    stored = dict(bench.stored)
    bench.up(lambda: Thing("a"))

    assert refreshed.outcome is Outcome.SUCCEEDED
    assert stored == {}
    assert bench.stored["a"].id == "a-2"


def test_a_preview_of_refresh_writes_nothing(bench):
    """A previewed refresh shows what is gone and keeps its record."""
    bench.up(lambda: Thing("a"))
    bench.cloud.objects.clear()

    result = bench.preview(None, preview_of=OperationKind.REFRESH)

    assert {op.value: number for op, number in result.changes.items()} == {"same": 1, "delete": 1}
    assert list(bench.stored) == ["a"]


def test_a_preview_of_destroy_deletes_nothing(bench):
    """A previewed destroy shows the deletions and does none."""
    bench.up(lambda: Thing("a"))

    bench.preview(None, preview_of=OperationKind.DESTROY)

    assert bench.steps == [("delete", "a")]
    assert list(bench.cloud.objects) == ["a-1"]
    assert list(bench.stored) == ["a"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (OperationKind.IMPORT, {}),
        (OperationKind.UP, {}),
        (OperationKind.DESTROY, {"parallel": 0}),
        (OperationKind.DESTROY, {"scope": Scope(targets=("a",), excludes=("b",))}),
    ],
)
def test_misuse_is_refused(bench, kind, fields, tmp_path):
    """A request that makes no sense raises before anything is touched."""
    with pytest.raises(MetaPrefectError, match="MP5101"):
        bench.run(kind, **fields)

    assert list(tmp_path.iterdir()) == []


def test_programs_side_by_side(tmp_path):
    """Programs that run at once in one process see only their own settings."""
    names = [f"stack{number}" for number in range(8)]
    found = {}

    def run(name):
        def program():
            Thing("a", stack=pulumi.get_stack())

        bench = EmbeddedBench(tmp_path / name)
        bench.up(program, stack=name)
        (state,) = [s for s in bench.backend.load(name).resources if s.type == "test:index:Thing"]
        found[name] = state.inputs["stack"]

    threads = [threading.Thread(target=run, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {name: name for name in names}


def test_children_inherit_options(bench):
    """A child is protected and retained like its parent, unless it says otherwise."""
    options = pulumi.ResourceOptions(protect=True, retain_on_delete=True)

    def program():
        group = Group("g", options)
        Thing("a", pulumi.ResourceOptions(parent=group))
        Thing("b", pulumi.ResourceOptions(parent=group, protect=False, retain_on_delete=False))

    bench.up(program)

    kept = {name: (s.protect, s.retain_on_delete) for name, s in bench.stored.items()}
    assert kept["a"] == (True, True)
    assert not any(kept["b"])


def test_additional_secret_outputs(bench):
    """An output that the options name is secret in state, and in what is made of it."""

    def program():
        first = Thing("a", pulumi.ResourceOptions(additional_secret_outputs=["out"]))
        Thing("b", x=first.out)

    bench.up(program)

    assert bench.stored["a"].outputs["out"].value == "out-a-1"
    assert bench.stored["b"].inputs["x"].value == "out-a-1"


def test_a_create_without_an_id_fails(bench):
    """A provider that gives a new resource no id has failed it."""
    bench.cloud.next_id = lambda name: ""

    result = bench.up(lambda: Thing("a"))

    assert result.outcome is Outcome.FAILED
    assert bench.stored == {}
