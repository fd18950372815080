"""What holds of every state: each rule is kept or its breach named, and folds agree."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.engine.state.checkpoint import (
    Manifest,
    ResourceState,
    Snapshot,
    build_manifest,
)
from meta_prefect.engine.state.codec import decode_record, encode_record
from meta_prefect.engine.state.entries import Begin, Mark, Success
from meta_prefect.engine.state.fold import fold
from meta_prefect.engine.state.integrity import check_snapshot, put_in_order, repair
from meta_prefect.engine.state.recovery import check_integrity
from meta_prefect.engine.urn import join_reference
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.state import NumberingCrypter, make_state, urn_of

MANIFEST = build_manifest("2026-01-01T00:00:00Z")
NOWHERE = urn_of("nowhere")
LISTS = ("dependencies", "replace_with")
SINGLES = ("parent", "deleted_with")
REFERENCES = (*LISTS, *SINGLES, "property_dependencies", "provider")
PROVIDER = "pulumi:providers:test"


def make_provider(number):
    urn = f"urn:pulumi:dev::conf::{PROVIDER}::p{number}"
    return ResourceState(urn, PROVIDER, custom=True, id=str(number))


@st.composite
def sound(draw):
    """Draw records that keep every rule: each refers to earlier ones only."""
    records = [make_provider(0)]
    for number in range(draw(st.integers(1, 6))):
        earlier = st.sampled_from([state.urn for state in records])
        some = st.lists(earlier, max_size=2, unique=True).map(tuple)
        fields = {name: draw(some) for name in LISTS}
        fields |= {name: draw(st.sampled_from(("", records[-1].urn))) for name in SINGLES}
        fields["property_dependencies"] = {"x": draw(some)}
        providers = [state for state in records if state.type == PROVIDER]
        chosen = draw(st.sampled_from(providers))
        fields["provider"] = join_reference(chosen.urn, chosen.id)
        delete = draw(st.booleans())
        records.append(make_state(f"r{number}", delete=delete, **fields))
        if delete and draw(st.booleans()):
            records.append(make_state(f"r{number}", id="newer"))
        if draw(st.booleans()):
            records.append(make_provider(number + 1))
    return records


def refer(state, field, urn):
    """Let a record refer to one more URN."""
    match field:
        case "dependencies" | "replace_with":
            return replace(state, **{field: (*getattr(state, field), urn)})
        case "property_dependencies":
            return replace(state, property_dependencies={"x": (urn,)})
        case "provider":
            return replace(state, provider=join_reference(urn, "9"))
    return replace(state, **{field: urn})


MARKS = (Mark.CONSUME, Mark.DELETE)
FIELD_NAMES = {
    "property_dependencies": "propertyDependencies",
    "deleted_with": "deletedWith",
    "replace_with": "replaceWith",
}


def list_rules(records, manifest=MANIFEST):
    return [(found.urn, found.rule) for found in check_snapshot(Snapshot(manifest, None, records))]


@given(sound())
def test_sound_state_breaks_no_rule(records):
    """What refers to earlier records only is not complained of, and needs no repair."""
    assert list_rules(records) == []
    assert put_in_order(records) is records
    assert repair(Snapshot(MANIFEST, None, records)).resources == records


@given(sound(), st.sampled_from(REFERENCES), st.data())
def test_reference_to_nothing_is_named(records, field, data):
    """A reference to a record that is not there is refused, with its record and field."""
    at = data.draw(st.integers(1, len(records) - 1))
    records[at] = refer(records[at], field, NOWHERE)

    found = [rule for urn, rule in list_rules(records) if urn == records[at].urn]

    assert any(FIELD_NAMES.get(field, field) in rule and NOWHERE in rule for rule in found)


@given(sound(), st.sampled_from(REFERENCES[:-1]), st.data())
def test_reference_to_a_later_record_is_named(records, field, data):
    """A reference to a record that comes later is refused; put in order, it is fine."""
    at = data.draw(st.integers(0, len(records) - 1))
    later = make_state("later")
    broken = [*records, later]
    broken[at] = refer(records[at], field, later.urn)

    found = [rule for urn, rule in list_rules(broken) if urn == broken[at].urn]

    assert any("comes after it" in rule for rule in found)
    assert list_rules(repair(Snapshot(MANIFEST, None, broken)).resources) == []


@given(sound(), st.data())
def test_circle_is_named(records, data):
    """Two records that need each other are refused, whichever comes first."""
    at = data.draw(st.integers(0, len(records) - 1))
    other = make_state("other", dependencies=(records[at].urn,))
    broken = [*records, other]
    broken[at] = replace(records[at], dependencies=(other.urn,))

    assert any(other.urn in rule for _, rule in list_rules(broken))
    assert list_rules(repair(Snapshot(MANIFEST, None, broken)).resources) == []


BREACHES = {
    "has no URN": lambda state: replace(state, urn=""),
    "it has no type": lambda state: replace(state, type=""),
    "it is a component and has an id": lambda state: replace(state, custom=False),
}


@pytest.mark.parametrize("rule", BREACHES)
@given(records=sound(), data=st.data())
def test_broken_record_is_named(rule, records, data):
    """A record that is none is refused."""
    at = data.draw(st.integers(1, len(records) - 1))
    records[at] = BREACHES[rule](records[at])

    assert any(rule in found for _, found in list_rules(records))


@given(sound(), st.data())
def test_second_live_record_is_named(records, data):
    """Of the records of one URN at most one is not to be deleted."""
    live = [state for state in records if not state.delete]
    twice = replace(data.draw(st.sampled_from(live)))
    found = list_rules([*records, twice])

    assert found == [(twice.urn, "it is there twice, and neither is to be deleted")]


@given(sound(), st.text(max_size=4))
def test_strange_manifest_is_named(records, version):
    """A manifest whose number is not that of its version is refused."""
    manifest = Manifest("", build_manifest("").magic, version)

    assert [urn for urn, _ in list_rules(records, manifest)] == [""]


@given(sound())
def test_broken_state_is_refused_by_code(records):
    """A breach is an error with the record, the rule and the way out."""
    records.append(make_state("broken", parent=NOWHERE))

    with pytest.raises(MetaPrefectError) as found:
        check_integrity("dev", Snapshot(MANIFEST, None, records))

    diagnostic = found.value.diagnostic
    assert (diagnostic.code, diagnostic.where) == ("MP4102", urn_of("broken"))
    assert NOWHERE in diagnostic.why
    assert "repair" in diagnostic.fixes[0]


@given(sound(), st.data())
def test_scoped_fold_is_the_whole_one_outside_the_scope(records, data):
    """Steps of a few records leave the others as a run over all does, and in sound order."""
    base = store(records)
    live = [state for state in base if state.type != PROVIDER and not state.delete]
    chosen = data.draw(st.sets(st.sampled_from(live), max_size=3)) if live else set()
    scoped, whole = [], []
    for number, old in enumerate(base):
        if old in chosen:
            new = replace(old, inputs={"n": number})
            steps = [Begin(number, "updating", new), Success(number, old, new)]
            scoped += steps
            whole += steps
        else:
            whole.append(Success(None, old, old))

    few, everything = (fold(Snapshot(resources=base), steps, MANIFEST) for steps in (scoped, whole))

    assert sorted(list_texts(few)) == sorted(list_texts(everything))
    assert check_snapshot(few) == check_snapshot(everything) == []


def store(records):
    """Give records as they come from a file."""
    crypter = NumberingCrypter()
    return [decode_record(encode_record(state, crypter), crypter) for state in records]


def list_texts(snapshot):
    crypter = NumberingCrypter()
    return [encode_record(state, crypter).text for state in snapshot.resources]


@given(sound(), st.data())
def test_every_moment_of_an_operation_is_a_sound_state(records, data):
    """Replacing any records, then deleting from the end on, breaks no rule at any moment."""
    base = store(records)
    kept = base[: data.draw(st.integers(0, len(base)))]
    steps = []
    for number, old in enumerate(kept):
        if not old.delete and old.type != PROVIDER and data.draw(st.booleans()):
            new = replace(old, id="new", inputs={"n": number})
            steps.append(Success(number, old, new, data.draw(st.sampled_from(MARKS))))
    steps += [Success(None, old, None) for old in reversed(base[len(kept) :])]

    for count in range(len(steps) + 1):
        snapshot = fold(Snapshot(resources=base), steps[:count], MANIFEST)
        assert check_snapshot(snapshot) == []
