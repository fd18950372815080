from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.engine.state.checkpoint import ResourceState, Snapshot, build_manifest
from meta_prefect.engine.state.integrity import (
    check_snapshot,
    drop_dangling,
    put_in_order,
    repair,
)
from tests.support.state import STACK_URN, make_stack, make_state, urn_of

PROVIDER_URN = "urn:pulumi:dev::conf::pulumi:providers:test::default"


def make_provider(id="1", **fields):
    return ResourceState(PROVIDER_URN, "pulumi:providers:test", custom=True, id=id, **fields)


def rules(*resources, manifest=None):
    """Name the broken rules of a snapshot."""
    snapshot = Snapshot(resources=list(resources), manifest=manifest)
    return [str(problem) for problem in check_snapshot(snapshot)]


def test_sound_snapshot_has_no_problems():
    """Records after all that they need, with one live record a URN, are fine."""
    found = rules(
        make_stack(),
        make_provider(),
        make_state("a", parent=STACK_URN, provider=f"{PROVIDER_URN}::1"),
        make_state("b", dependencies=(urn_of("a"),), deleted_with=urn_of("a")),
        make_state("b", delete=True),
        manifest=build_manifest("now"),
    )

    assert found == []


@pytest.mark.parametrize(
    ("states", "problem"),
    [
        ([ResourceState("", "t")], "has no URN"),
        ([ResourceState("u", "")], "it has no type"),
        ([make_stack(id="x")], "is a component and has an id"),
        ([make_state("a", provider=f"{PROVIDER_URN}::1")], "its provider"),
        ([make_provider("2"), make_state("a", provider=f"{PROVIDER_URN}::1")], "its provider"),
        ([make_state("a", parent=STACK_URN)], f"its parent {STACK_URN} is not there"),
        ([make_state("a", parent=STACK_URN), make_stack()], "comes after it"),
        ([make_state("a", dependencies=("u",))], "its dependencies u is not there"),
        ([make_state("a", property_dependencies={"k": ["u"]})], "its propertyDependencies u"),
        ([make_state("a", deleted_with="u")], "its deletedWith u"),
        ([make_state("a", replace_with=("u",))], "its replaceWith u"),
        ([make_state("a", dependencies=(urn_of("a"),))], "comes after it"),
        ([make_state("a"), make_state("a")], "it is there twice"),
    ],
)
def test_broken_rule_is_named(states, problem):
    """Each rule that does not hold is reported once, with the record and the rule."""
    found = rules(*states)

    assert len(found) == 1
    assert problem in found[0]


def test_manifest_is_checked_against_its_version():
    """The magic number of a manifest is made from its version."""
    broken = replace(build_manifest("now"), magic="0")

    assert rules(manifest=broken) == [
        "the snapshot: its manifest's magic number does not fit its version"
    ]


def test_record_waiting_for_its_replacement_needs_no_provider():
    """A record that is deleted already may name a provider that is gone."""
    assert rules(make_state("a", provider="gone::1", pending_replacement=True)) == []


def test_orphan_gets_its_nearest_ancestor():
    """Dropping a missing parent leaves the nearest one that is there."""
    child = make_state("c", parent=urn_of("b"), dependencies=(urn_of("b"), urn_of("a")))
    resources = [make_state("a"), child, make_state("b", parent=urn_of("a"))]

    found = drop_dangling(resources)

    assert (found[1].parent, found[1].dependencies) == (urn_of("a"), (urn_of("a"),))
    assert found[0] is resources[0]
    assert found[2] is resources[2]


def test_order_is_kept_where_it_may_be():
    """Records in order are not touched, and only what is needed moves up."""
    a, c = make_state("a"), make_state("c")
    b = make_state("b", dependencies=(urn_of("c"),))

    assert put_in_order([a, c, b]) == [a, c, b]
    assert put_in_order([a, b, c]) == [a, c, b]


def test_live_record_is_the_one_that_is_needed():
    """Of records with one URN, a dependency means the one that is not to be deleted."""
    old = make_state("a", delete=True, dependencies=(urn_of("b"),))
    user = make_state("b", dependencies=(urn_of("a"),))
    new = make_state("a", id="a-2")

    assert put_in_order([user, new, old]) == [new, user, old]


def test_long_chains_are_put_in_order():
    """A chain of any length is sorted, however deep it goes."""
    chain = [make_state(f"{n}", dependencies=(urn_of(f"{n + 1}"),)) for n in range(3000)]

    found = put_in_order([*chain, make_state("3000")])

    assert [state.urn for state in found] == [urn_of(f"{n}") for n in range(3000, -1, -1)]


NAMES = "abcd"
states = st.builds(
    make_state,
    st.sampled_from(NAMES),
    dependencies=st.lists(st.sampled_from(NAMES).map(urn_of), max_size=3),
    parent=st.sampled_from(["", "gone", *map(urn_of, NAMES)]),
    provider=st.sampled_from(["", "gone::1"]),
    delete=st.booleans(),
)


@given(st.lists(states, max_size=6))
def test_repaired_snapshot_is_sound(resources):
    """Whatever is wrong, cycles included, nothing is after the repair."""
    broken = Snapshot(resources=resources, manifest=replace(build_manifest("now"), magic="0"))

    assert check_snapshot(repair(broken)) == []
