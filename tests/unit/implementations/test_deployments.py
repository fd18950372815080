"""Scopes: builders for one named deployment of several, and presets out of builders."""

from dataclasses import replace

import pytest
from prefect import flow

from meta_prefect.implementations.deployments import (
    DEPLOYMENT_VARIABLE,
    STACK_VARIABLE,
    compose,
    deployment,
    in_stacks,
)
from meta_prefect.interfaces.blueprint import find_blueprint
from meta_prefect.interfaces.deployment import DeploymentSpec, FlowSource
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

BASE = DeploymentSpec("f", "dev", FlowSource("/project", "f.py", "f"))


class marker(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """Writes its letter at the end of the version, and requires it."""

    def __init__(self, letter):
        self.letter = letter

    @property
    def requires(self):
        return {self.letter}

    def update_deployment(self, deployment):
        return replace(deployment, version=deployment.version + self.letter)


class runner(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """Has a run half: writes its name to the flow's description."""

    def __init__(self, name):
        self.name = name

    def prepare_flow(self, flow):
        flow.description = self.name


def build(made):
    """Give version and needs of each deployment by name."""
    blueprint = find_blueprint(made)
    return {
        name: (
            blueprint.select(name, "dev").build_deployment(replace(BASE, deployment=name)).version,
            blueprint.select(name, "dev").requires,
        )
        for name in blueprint.deployments
    }


def test_a_flow_without_scopes_has_the_default_deployment():
    """The default one, with an empty name, is there as long as no other is asked for."""
    assert build(marker("a")(flow)(lambda: None)) == {"": ("a", {"a"})}


def test_builders_apply_to_their_deployment_and_outer_ones_to_all():
    """The order stays that of application; a scope adds nothing to another deployment."""

    @marker("z")
    @deployment("nightly", marker("n"), marker("m"))
    @deployment("hourly", marker("h"))
    @marker("a")
    @flow
    def made(): ...

    assert build(made) == {
        "hourly": ("ahz", {"a", "h", "z"}),
        "nightly": ("anmz", {"a", "n", "m", "z"}),
    }


def test_scopes_of_one_name_add_up_and_the_default_one_can_be_asked_for():
    """`deployment("")` is the default one; a name that comes twice is one deployment."""

    @deployment("nightly", marker("2"))
    @deployment("")
    @deployment("nightly", marker("1"))
    @flow
    def made(): ...

    assert build(made) == {"nightly": ("12", {"1", "2"}), "": ("", frozenset())}


def test_presets_may_hold_scopes_and_scopes_presets():
    """`compose` is one builder of several, the first applies first; it nests both ways."""
    preset = compose(marker("a"), deployment("nightly", compose(marker("b"), marker("c"))))

    made = marker("d")(preset)(flow)(lambda: None)

    assert build(made) == {"nightly": ("abcd", {"a", "b", "c", "d"})}


def test_a_scope_by_itself_changes_its_deployment_only():
    """Used directly, as any builder may be, a scope looks at the name in the spec."""
    scope = deployment("nightly", marker("n"))

    assert scope.update_deployment(BASE).version == ""
    assert scope.update_deployment(replace(BASE, deployment="nightly")).version == "n"


def test_a_run_half_acts_in_runs_of_its_deployment(monkeypatch):
    """The deployment tells its runs who they are; elsewhere the flow is left as it is."""
    scope = deployment("nightly", runner("heavy"))
    monkeypatch.delenv(DEPLOYMENT_VARIABLE, raising=False)

    here = scope(flow)(lambda: None)
    spec = find_blueprint(here).select("nightly", "dev").build_deployment(BASE)
    monkeypatch.setenv(DEPLOYMENT_VARIABLE, "nightly")
    there = scope(flow)(lambda: None)

    assert spec.job_variables == {"env": {DEPLOYMENT_VARIABLE: "nightly"}}
    assert (here.description, there.description) == (None, "heavy")


def test_a_scope_without_run_halves_sets_no_variable():
    """A deployment whose builders act at `up` only has no job variables."""
    made = deployment("nightly", marker("n"))(flow)(lambda: None)

    assert find_blueprint(made).select("nightly", "dev").build_deployment(BASE).job_variables == {}


@pytest.mark.parametrize("name", ["a/b", "flow", "deployment", " x", "a*", "a&b", "a:b"])
def test_a_name_that_cannot_be_one_is_refused(name):
    """Prefect's forbidden signs, and names that the stack uses itself."""
    with pytest.raises(ValueError, match="deployment"):
        deployment(name)


def test_anything_but_builders_is_refused():
    """A missing name, a class without brackets and a plain value are told apart."""
    with pytest.raises(TypeError, match="its name comes first"):
        deployment(marker("a"))
    with pytest.raises(TypeError, match="write marker"):
        deployment("nightly", marker)
    with pytest.raises(TypeError, match="compose is made of builders, not of str"):
        compose("a")


def test_a_scope_in_another_one_is_refused():
    """A builder cannot belong to two deployments at once; within the same one it may."""
    with pytest.raises(ValueError, match="next to the other"):
        deployment("nightly", deployment("hourly", marker("h")))

    inner = deployment("nightly", marker("h"))
    assert deployment("nightly", inner).select_builders("nightly", "dev") == inner.select_builders(
        "nightly", "dev"
    )


def test_builders_may_apply_in_some_stacks_only():
    """Elsewhere they change nothing, need nothing and declare nothing."""
    scope = in_stacks(("prod", "test"), marker("p"))
    made = compose(marker("a"), scope, deployment("nightly", scope, marker("n")))(flow)(
        lambda: None
    )
    blueprint = find_blueprint(made)

    found = {stack: blueprint.select("nightly", stack) for stack in ("dev", "prod")}

    assert found["dev"].build_deployment(BASE).version == "an"
    assert found["dev"].requires == {"a", "n"}
    assert found["prod"].build_deployment(BASE).version == "appn"
    assert found["prod"].requires == {"a", "p", "n"}
    assert scope.update_deployment(BASE).version == ""
    assert scope.update_deployment(replace(BASE, stack="test")).version == "p"


def test_a_run_half_acts_in_runs_of_its_stack(monkeypatch):
    """Runs know their stack where a builder for it acts in them."""
    scope = in_stacks("prod", runner("heavy"))
    monkeypatch.delenv(STACK_VARIABLE, raising=False)

    here = scope(flow)(lambda: None)
    spec = find_blueprint(here).select("", "prod").build_deployment(BASE)
    monkeypatch.setenv(STACK_VARIABLE, "prod")
    there = scope(flow)(lambda: None)

    assert spec.job_variables == {"env": {STACK_VARIABLE: "prod"}}
    assert (here.description, there.description) == (None, "heavy")


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: in_stacks((), marker("a")), ValueError, "at least one stack"),
        (lambda: in_stacks("", marker("a")), ValueError, r"in_stacks\(stack="),
        (lambda: in_stacks([7], marker("a")), TypeError, r"in_stacks\(stack=7\)"),
        (lambda: in_stacks("prod", "dev"), TypeError, "made of builders, not of str"),
        (lambda: in_stacks("prod", deployment("a")), ValueError, "put in_stacks inside of it"),
    ],
)
def test_what_cannot_be_a_scope_of_stacks_is_refused(make, error, text):
    """Each with the builder's name and what to write."""
    with pytest.raises(error, match=text):
        make()
