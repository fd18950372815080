"""Deletions and their layers."""

import pytest

from meta_prefect.engine.embedded.leftovers import build_deletion, list_needed, sort_into_layers
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.events import Op
from tests.support.state import make_state, urn_of


def names(states):
    return [state.urn[-1] for state in states]


def component(name, **fields):
    return ResourceState(urn_of(name), "app:index:Group", **fields)


@pytest.mark.parametrize(
    ("fields", "replaced", "op"),
    [
        ({}, False, Op.DELETE),
        ({}, True, Op.DELETE_REPLACED),
        ({"external": True}, False, Op.DISCARD),
        ({"external": True}, True, Op.DISCARD_REPLACED),
        ({"pending_replacement": True}, False, Op.REMOVE_PENDING_REPLACE),
    ],
)
def test_kind_of_deletion(fields, replaced, op):
    """How a record leaves the state depends on what it is and on what takes its place."""
    step = build_deletion(make_state("a", **fields), replaced=replaced, gone=set())

    assert step.op is op


@pytest.mark.parametrize(
    ("fields", "kept"),
    [({}, False), ({"retain_on_delete": True}, True), ({"deleted_with": urn_of("b")}, True)],
)
def test_deletion_from_state_only(fields, kept):
    """What is retained, or goes with another, is not deleted in the world."""
    step = build_deletion(make_state("a", **fields), replaced=False, gone={urn_of("b")})

    assert step.kept_in_world is kept


def test_protection_does_not_hold_the_replaced():
    """A protected record must not be deleted, but the old half of a replacement may."""
    state = make_state("a", protect=True)

    assert build_deletion(state, replaced=False, gone=set()).protected
    assert not build_deletion(state, replaced=True, gone=set()).protected


def test_layers_of_a_chain_and_a_diamond():
    """What depends on others comes in an earlier layer than what it needs."""
    a = make_state("a")
    b = make_state("b", dependencies=[a.urn])
    c = make_state("c", property_dependencies={"x": [a.urn]})
    d = make_state("d", dependencies=[b.urn, c.urn])

    layers = sort_into_layers([a, b, c, d])

    assert [names(layer) for layer in layers] == [["d"], ["b", "c"], ["a"]]


def test_children_go_before_their_parents():
    """A parent is needed by its children, a provider by its resources."""
    provider = ResourceState(
        urn_of("p").replace("test:index:Thing", "pulumi:providers:test"),
        "pulumi:providers:test",
        custom=True,
        id="1",
    )
    group = component("g")
    child = make_state("c", parent=group.urn, provider=f"{provider.urn}::1")

    layers = sort_into_layers([provider, group, child])

    assert [names(layer) for layer in layers] == [["c"], ["p", "g"]]


def test_depending_on_a_component_is_depending_on_its_children():
    """What depends on a component goes before the children that come earlier in the file."""
    group = component("g")
    child = make_state("c", parent=group.urn)
    user = make_state("u", dependencies=[group.urn])

    layers = sort_into_layers([group, child, user])

    assert [names(layer) for layer in layers] == [["u"], ["c"], ["g"]]


def test_nothing_to_delete():
    """No records make no layers."""
    assert sort_into_layers([]) == []


def test_what_a_failed_deletion_keeps():
    """A record that could not be deleted keeps everything it needs, and nothing else."""
    group = component("g")
    a = make_state("a", parent=group.urn)
    b = make_state("b", dependencies=[a.urn])
    c = make_state("c")

    kept = list_needed([b], [group, a, c, b])

    assert {urn_of("a"), urn_of("b"), urn_of("g")} <= kept
    assert urn_of("c") not in kept
