"""Programs that change what they register, by functions the engine calls."""

import pulumi
import pytest

from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench, Group, Thing


@pytest.fixture
def bench(tmp_path):
    return EmbeddedBench(tmp_path)


def tagging(text):
    """Make a transform that adds to the property `tags`."""

    def transform(args):
        tags = [*args.props.get("tags", []), text]
        return pulumi.ResourceTransformResult({**args.props, "tags": tags}, args.opts)

    return transform


def test_own_then_ancestors_then_the_stack(bench):
    """A resource's transforms run from itself outwards, and the stack's last."""

    def program():
        pulumi.runtime.register_resource_transform(only_things(tagging("stack")))
        outer = Group("outer", pulumi.ResourceOptions(transforms=[only_things(tagging("outer"))]))
        inner = Group("inner", pulumi.ResourceOptions(parent=outer))
        Thing("a", pulumi.ResourceOptions(parent=inner, transforms=[tagging("own")]))

    result = bench.up(program)

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.stored["a"].inputs["tags"] == ["own", "outer", "stack"]


def only_things(transform):
    """Leave everything but things alone."""
    return lambda args: transform(args) if args.type_.endswith(":Thing") else None


def test_options_are_changed(bench):
    """A transform changes options, and what it does not touch stays."""

    def transform(args):
        options = pulumi.ResourceOptions.merge(
            args.opts,
            pulumi.ResourceOptions(
                protect=True,
                retain_on_delete=True,
                ignore_changes=["x"],
                additional_secret_outputs=["out"],
                custom_timeouts=pulumi.CustomTimeouts(create="5m"),
            ),
        )
        return pulumi.ResourceTransformResult(args.props, options)

    def program(x):
        options = pulumi.ResourceOptions(delete_before_replace=True, transforms=[transform])
        return lambda: Thing("a", options, x=x)

    bench.up(program(1))
    bench.up(program(2))

    stored = bench.stored["a"]
    assert (stored.protect, stored.retain_on_delete) == (True, True)
    assert stored.inputs == {"x": 1}
    assert stored.outputs["out"].value == "out-a-1"
    assert stored.custom_timeouts == {"create": 300}


def test_dependencies_stay(bench):
    """What a resource depends on is known after its transform, which sees the value itself."""
    seen = []

    def transform(args):
        seen.append(args.props["x"])
        return pulumi.ResourceTransformResult(args.props, args.opts)

    def program():
        first = Thing("a")
        Thing("b", pulumi.ResourceOptions(transforms=[transform]), x=first.out)

    bench.up(program)

    (first,) = [state for name, state in bench.stored.items() if name == "a"]
    assert bench.stored["b"].inputs == {"x": "out-a-1"}
    assert list(bench.stored["b"].dependencies) == [first.urn]
    assert isinstance(seen[0], pulumi.Output)


def test_a_transform_that_leaves_all_as_it_is(bench):
    """A transform without a result keeps inputs, secrets, dependencies and aliases."""

    def program(name, **options):
        def run():
            first = Thing("a", token=pulumi.Output.secret("t"))
            settings = pulumi.ResourceOptions(transforms=[lambda args: None], **options)
            Thing(name, settings, x=first.out, token=pulumi.Output.secret("t"))

        return run

    bench.up(program("b"))
    before = bench.stored["b"]
    bench.up(program("c", aliases=[pulumi.Alias(name="b")]))

    after = bench.stored["c"]
    assert after.id == before.id == "b-1"
    assert after.inputs["token"].value == "t"
    assert after.property_dependencies["x"] == before.property_dependencies["x"]
    assert before.property_dependencies["x"]


def test_a_transform_that_raises(bench):
    """A transform that raises fails the program with its own words."""

    def transform(args):
        raise ValueError("no such tag")

    result = bench.up(lambda: Thing("a", pulumi.ResourceOptions(transforms=[transform])))

    assert result.outcome is Outcome.FAILED
    assert "no such tag" in result.diagnostics[0].summary
    assert bench.stored == {}


def test_function_calls_are_changed(bench):
    """A transform of function calls sees the arguments and may change them."""

    def transform(args):
        return pulumi.InvokeTransformResult({**args.args, "x": args.args["x"] * 2}, args.opts)

    def program():
        pulumi.runtime.register_invoke_transform(transform)
        pulumi.export("echo", pulumi.runtime.invoke("test:index:echo", {"x": 21}).value)

    result = bench.up(program)

    assert result.outputs["echo"].value == {"echo": 42}


def test_transforms_beside_old_transformations(bench):
    """The SDK's older transformations run before, and both have their say."""

    def old(args):
        return pulumi.ResourceTransformationResult({**args.props, "tags": ["old"]}, args.opts)

    def program():
        pulumi.runtime.register_stack_transformation(old)
        Thing("a", pulumi.ResourceOptions(transforms=[tagging("new")]))

    bench.up(program)

    assert bench.stored["a"].inputs["tags"] == ["old", "new"]
