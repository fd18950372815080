"""The import operation, and looking for objects without taking them over."""

import pulumi
import pytest
from pulumi.runtime.resource import exists_resource

from meta_prefect.interfaces.engine import ImportItem, OperationKind, Outcome
from tests.support.embedded import EmbeddedBench, Group, Thing

THING = "test:index:Thing"
GROUP_URN = "urn:pulumi:dev::conf::app:index:Group::g"


@pytest.fixture
def bench(tmp_path):
    """A stack in a world that has an object of somebody else's."""
    bench = EmbeddedBench(tmp_path)
    bench.cloud.objects["a-7"] = {"x": 1, "y": 2, "out": "out-a-7"}
    return bench


def run_import(bench, *items, kind=OperationKind.IMPORT):
    """Import, or preview it."""
    return bench.run(kind, imports=items, preview_of=OperationKind.IMPORT)


def test_an_object_is_taken_over(bench):
    """An import makes a protected record of what is read, and the program that names it is same."""
    result = run_import(bench, ImportItem(THING, "a", "a-7"))
    steps = bench.steps
    stored = bench.stored["a"]
    up = bench.up(lambda: Thing("a", pulumi.ResourceOptions(protect=True), x=1, y=2))

    assert (result.outcome, up.outcome) == (Outcome.SUCCEEDED, Outcome.SUCCEEDED)
    assert steps == [("import", "a")]
    assert (stored.id, stored.inputs, stored.outputs["out"]) == ("a-7", {"x": 1, "y": 2}, "out-a-7")
    assert (stored.protect, stored.import_id) == (True, "")
    assert bench.steps == [("same", "a")]
    assert ("create", "a") not in bench.cloud.calls


def test_a_preview_of_an_import(bench):
    """A previewed import reads, and writes nothing."""
    result = run_import(bench, ImportItem(THING, "a", "a-7"), kind=OperationKind.PREVIEW)

    assert bench.steps == [("import", "a")]
    assert {op.value: number for op, number in result.changes.items()} == {"create": 1, "import": 1}
    assert bench.backend.load("dev") is None


def test_only_some_inputs(bench):
    """An import may keep some inputs only, and leave the record unprotected."""
    run_import(bench, ImportItem(THING, "a", "a-7", properties=("x",), protect=False))

    assert bench.stored["a"].inputs == {"x": 1}
    assert not bench.stored["a"].protect


def test_beside_what_is_there(bench):
    """An import touches nothing else, and its parent stands before it in the file."""

    def program():
        group = Group("g")
        Thing("b", pulumi.ResourceOptions(parent=group))

    bench.up(program)
    before = list(bench.cloud.calls)
    result = run_import(
        bench,
        ImportItem(THING, "child", "a-7", parent="a", protect=False),
        ImportItem(THING, "a", "a-7", parent=GROUP_URN),
    )

    assert result.outcome is Outcome.SUCCEEDED
    assert sorted(bench.stored) == ["a", "b", "child", "g"]
    assert bench.stored["child"].parent == bench.stored["a"].urn
    assert bench.cloud.calls[len(before) :] == [
        ("read", "a"),
        ("check", "a"),
        ("read", "child"),
        ("check", "child"),
    ]


def test_no_such_object(bench):
    """An object that does not exist fails the import, and the rest is kept."""
    result = run_import(bench, ImportItem(THING, "gone", "a-8"))

    assert result.outcome is Outcome.FAILED
    assert "does not exist" in result.diagnostics[0].summary
    assert bench.stored == {}


@pytest.mark.parametrize(
    "item",
    [
        ImportItem(THING, "b", "a-7"),
        ImportItem(THING, "c", "a-7", parent="urn:pulumi:dev::conf::x:y:Z::nobody"),
        ImportItem(THING, "c", "a-7", provider="urn:pulumi:dev::conf::pulumi:providers:test::q"),
    ],
)
def test_what_makes_no_sense(bench, item):
    """A name that is taken, or a parent or provider that is nowhere, refuses the import."""
    bench.up(lambda: Thing("b"))

    result = run_import(bench, item)

    assert [diagnostic.code for diagnostic in result.diagnostics] == ["MP3008"]
    assert list(bench.stored) == ["b"]


def test_looking_for_an_object(bench):
    """A program may ask whether an object exists; it does not become part of the stack."""

    def program():
        for id in ("a-7", "a-8"):
            found = exists_resource(None, THING, id, {}, pulumi.ResourceOptions())
            pulumi.export(id, found)

    result = bench.up(program)

    assert {key: item.value for key, item in result.outputs.items()} == {"a-7": True, "a-8": False}
    assert bench.stored == {}
