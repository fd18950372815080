from dataclasses import replace

from meta_prefect.engine.state.checkpoint import (
    PendingOperation,
    ResourceState,
    SecretsProvider,
    Snapshot,
    build_manifest,
)
from meta_prefect.engine.state.entries import (
    Begin,
    Failure,
    Mark,
    Outputs,
    Rebase,
    SecretsMade,
    Settle,
    Success,
)
from meta_prefect.engine.state.fold import fold, has_stale_operations, rewrite_aliases
from tests.support.state import make_stack, make_state, urn_of

MANIFEST = build_manifest("2026-01-01T00:00:00Z")


def fold_resources(base, *entries):
    return fold(Snapshot(resources=list(base)), entries, MANIFEST).resources


def pending(snapshot):
    return [(operation.resource.urn, operation.type) for operation in snapshot.pending_operations]


def test_finished_records_come_first():
    """Finished records stand in finishing order, then what is left of the base in its order."""
    a, b, c, d = (make_state(name) for name in "abcd")
    new_c, new_a = replace(c), replace(a)

    found = fold_resources([a, b, c, d], Success(None, c, new_c), Success(None, a, new_a))

    assert found == [new_c, new_a, b, d]


def test_deleted_record_is_gone():
    """A success without a new record takes the old one away."""
    a, b = make_state("a"), make_state("b")

    assert fold_resources([a, b], Success(1, a, None)) == [b]


def test_record_is_consumed_by_identity():
    """Of two records with one URN only the one that is named goes."""
    live, dead = make_state("a", id="a-2"), make_state("a", delete=True)

    assert fold_resources([live, dead], Success(1, dead, None)) == [live]


def test_create_first_leaves_the_old_one_to_delete():
    """The old record of a replacement stays, marked, until it is deleted."""
    old, new = make_state("a"), make_state("a", id="a-2")
    created = Success(1, old, new, Mark.DELETE)

    marked = fold_resources([old], created)
    finished = fold_resources([old], created, Success(2, old, None))

    assert [(state.id, state.delete) for state in marked] == [("a-2", False), ("a-1", True)]
    assert finished == [new]


def test_delete_first_leaves_the_old_one_pending():
    """A record that is deleted before its replacement is made says so."""
    old, new = make_state("a"), make_state("a", id="a-2")
    deleted = Success(1, old, None, Mark.PENDING_REPLACEMENT)

    waiting = fold_resources([old], deleted)
    finished = fold_resources([old], deleted, Success(2, old, new))

    assert [(state.id, state.pending_replacement) for state in waiting] == [("a-1", True)]
    assert finished == [new]


def test_record_of_this_run_may_be_replaced():
    """An import that is updated in the same run leaves the updated record only."""
    imported, updated = make_state("a"), make_state("a")

    assert fold_resources([], Success(1, None, imported), Success(2, imported, updated)) == [
        updated
    ]


def test_same_record_verbatim_moves_up():
    """A step that gives back the old record puts it among the finished ones."""
    a, b = make_state("a"), make_state("b")

    assert fold_resources([a, b], Success(None, b, b)) == [b, a]


def test_outputs_replace_the_record_in_its_place():
    """New outputs of a finished record do not change its place."""
    a, b = make_state("a"), make_state("b")
    later = make_state("a", outputs={"x": 1})

    found = fold_resources([], Success(1, None, a), Success(2, None, b), Outputs(a, later))

    assert found == [later, b]


def test_refresh_replaces_the_base():
    """After a refresh what it found is the base, and what finished before is forgotten."""
    a, b, found_b, new_b = (make_state(name) for name in "abbb")

    folded = fold_resources(
        [a, b], Success(None, a, a), Rebase((found_b,)), Success(None, found_b, new_b)
    )

    assert folded == [new_b]


def test_needed_record_moves_up():
    """A finished record never stands before an untouched one that it depends on."""
    a, b, c = make_state("a"), make_state("b"), make_state("c")
    new_c = make_state("c", dependencies=(urn_of("b"),))

    assert fold_resources([a, b, c], Success(1, c, new_c)) == [b, new_c, a]


def test_open_begins_are_pending_operations():
    """A begin without an end is pending; success and failure end it."""
    a, b, c = (make_state(name) for name in "abc")
    entries = [Begin(1, "creating", a), Begin(2, "updating", b), Begin(3, "deleting", c)]

    folded = fold(Snapshot(), [*entries, Success(1, None, a), Failure(3)], MANIFEST)

    assert pending(folded) == [(urn_of("b"), "updating")]


def test_only_creates_stay_pending():
    """Of what earlier runs left, creates of unknown outcome stay until they are settled."""
    left = [
        PendingOperation(make_state(name), kind)
        for name, kind in [("a", "creating"), ("b", "updating"), ("c", "creating")]
    ]
    base = Snapshot(pending_operations=left)

    kept = fold(base, [], MANIFEST)
    settled = fold(base, [Settle(urn_of("a")), Success(1, None, make_state("c"))], MANIFEST)

    assert pending(kept) == [(urn_of("a"), "creating"), (urn_of("c"), "creating")]
    assert pending(settled) == []
    assert has_stale_operations(base)
    assert not has_stale_operations(kept)


def test_secrets_made_on_the_way_are_the_snapshots():
    """A provider of secrets that came during the run is the snapshot's."""
    provider = SecretsProvider("passphrase", {"salt": "s"})

    assert fold(Snapshot(), [SecretsMade(provider)], MANIFEST).secrets_provider == provider


def test_aliases_are_rewritten_everywhere():
    """Whatever referred to a record under its alias refers to its new URN, and no alias is left."""
    renamed = make_state("new", aliases=(urn_of("old"),))
    user = make_state(
        "user",
        parent=urn_of("old"),
        dependencies=[urn_of("old"), urn_of("new")],
        property_dependencies={"k": [urn_of("old")]},
        deleted_with=urn_of("old"),
        replace_with=(urn_of("old"),),
    )
    other = make_state("other", dependencies=[urn_of("user")], property_dependencies={"k": []})

    found = rewrite_aliases([make_stack(), renamed, replace(user, parent=""), other])

    assert found[1].aliases == ()
    assert tuple(found[2].dependencies) == (urn_of("new"), urn_of("new"))
    assert found[2].property_dependencies == {"k": (urn_of("new"),)}
    assert (found[2].deleted_with, found[2].replace_with) == (urn_of("new"), (urn_of("new"),))
    assert found[3] is other


def test_provider_of_an_alias_is_found_under_its_new_urn():
    """A provider reference keeps its id when the provider's URN changes."""
    urn = "urn:pulumi:dev::conf::pulumi:providers:test::{}"
    provider = ResourceState(urn.format("new"), "t", aliases=(urn.format("old"),))
    user = make_state("a", provider=f"{urn.format('old')}::7")

    assert rewrite_aliases([provider, user])[1].provider == f"{urn.format('new')}::7"


def test_children_of_a_renamed_parent_get_their_urn():
    """A carried-over child's URN follows its parent's new type, and references to it follow."""
    urn = "urn:pulumi:dev::conf::{}::{}"
    parent = ResourceState(
        urn.format("app:New", "g"), "app:New", aliases=(urn.format("app:Old", "g"),)
    )
    child = ResourceState(
        urn.format("app:Old$t:i:T", "c"), "t:i:T", parent=urn.format("app:Old", "g")
    )
    user = make_state("u", dependencies=(child.urn,))

    found = rewrite_aliases([parent, child, user])

    assert found[1].urn == urn.format("app:New$t:i:T", "c")
    assert found[1].parent == parent.urn
    assert found[2].dependencies == (found[1].urn,)
