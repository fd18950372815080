"""Scopes."""

import pytest

from meta_prefect.engine.embedded.targets import Targets
from meta_prefect.interfaces.engine import Scope
from tests.support.state import STACK_URN, urn_of

A, B, C = urn_of("a"), urn_of("b"), urn_of("c")
PROVIDER = "urn:pulumi:dev::conf::pulumi:providers:test::default"


def test_no_scope_admits_everything():
    """Without targets and excludes nothing is out of scope."""
    targets = Targets(Scope())

    assert not targets.restricts
    assert targets.admit(A, ())


@pytest.mark.parametrize("pattern", [A, "**::a", "urn:pulumi:dev::conf::*:*:*::a"])
def test_named(pattern):
    """A target is a URN or a glob; everything else is out of scope."""
    targets = Targets(Scope(targets=(pattern,)))

    assert targets.admit(A, ())
    assert not targets.admit(B, ())


@pytest.mark.parametrize("scope", [Scope(targets=(A,)), Scope(excludes=("**",))])
def test_stack_and_providers_are_always_in_scope(scope):
    """Registrations of the stack and of providers are never out of scope."""
    targets = Targets(scope)

    assert targets.admit(STACK_URN, ())
    assert targets.admit(PROVIDER, ())
    assert not targets.admit_stored(PROVIDER, ())


def test_dependents_follow():
    """With dependents, what needs a target is one, and what needs that as well."""
    targets = Targets(Scope(targets=(A,), target_dependents=True))
    admitted = [targets.admit(A, ()), targets.admit(B, (A,)), targets.admit(C, (B,))]

    assert admitted == [True, True, True]
    assert not targets.admit(urn_of("d"), (STACK_URN,))


def test_dependents_stay_out_unless_asked_for():
    """Without dependents, needing a target changes nothing."""
    targets = Targets(Scope(targets=(A,)))
    targets.admit(A, ())

    assert not targets.admit(B, (A,))


def test_excludes_and_their_dependents():
    """An excluded resource takes what needs it along, if that is asked for."""
    targets = Targets(Scope(excludes=(A,), exclude_dependents=True))

    assert not targets.admit(A, ())
    assert not targets.admit(B, (A,))
    assert targets.admit(C, ())


def test_asking_spreads_nothing():
    """What is only asked about brings none of its dependents into scope."""
    targets = Targets(Scope(targets=(A,), target_dependents=True))

    assert targets.admits(B, (A,))
    assert not targets.admits(C, (B,))


def test_unknown_urns():
    """URNs that are nowhere are told; globs may match nothing."""
    targets = Targets(Scope(targets=(A, "**::zzz"), replace=(B,)))
    others = Targets(Scope(excludes=(A, "**", C)))

    assert targets.list_unknown_targets({B}) == [A]
    assert targets.list_unknown_replaced({A}) == [B]
    assert others.list_unknown_excludes({A}) == [C]


def test_dependents_of_a_provider_that_is_a_target():
    """A provider always is in scope, and one that is a target brings its resources in."""
    provider = "urn:pulumi:dev::conf::pulumi:providers:test::p"
    targets = Targets(Scope(targets=(provider,), target_dependents=True))

    assert targets.admit(provider, ())
    assert targets.admit(A, (provider,))


def test_dependents_of_an_excluded_provider():
    """A provider that is out by name is registered all the same; its resources stay out."""
    provider = "urn:pulumi:dev::conf::pulumi:providers:test::p"
    targets = Targets(Scope(excludes=(provider,), exclude_dependents=True))

    assert targets.admit(provider, ())
    assert not targets.admit(A, (provider,))
