import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.engine.state.checkpoint import (
    PendingOperation,
    ResourceState,
    SecretsProvider,
    Snapshot,
    StoredText,
    build_manifest,
)
from meta_prefect.engine.state.codec import (
    FENCE,
    compute_features,
    decode_file,
    decode_record,
    encode_file,
    encode_record,
)
from meta_prefect.engine.state.json_text import render
from meta_prefect.interfaces.values import Secret
from tests.support.state import NumberingCrypter, make_stack, make_state, names, property_maps

FULL_NAME = "organization/conf/dev"
FULL_RECORD = (
    '{"urn":"u","custom":true,"delete":true,"id":"i","type":"t","inputs":{"a":1,"b":[]},'
    '"outputs":{"o":"x"},"parent":"p","protect":true,"taint":true,"external":true,'
    '"dependencies":["d"],"initErrors":["e"],"provider":"q::1","propertyDependencies":{"a":[],'
    '"b":["d"]},"pendingReplacement":true,"additionalSecretOutputs":["o"],"aliases":["l"],'
    '"customTimeouts":{"create":600},"importID":"m","retainOnDelete":true,"deletedWith":"w",'
    '"replaceWith":["r"],"created":"c","modified":"f","sourcePosition":"s","stackTrace":'
    '[{"sourcePosition":"s"}],"ignoreChanges":["a"],"hideDiff":["b"],"replaceOnChanges":["c"],'
    '"replacementTrigger":{"t":1},"refreshBeforeUpdate":true,"viewOf":"v","resourceHooks":'
    '{"afterCreate":["h"]},"extensionRef":"x","snippetID":"n","somethingNew":{"z":1,"a":2}}'
)


def read(text, crypter):
    return decode_record(StoredText(text, json.loads(text)), crypter)


def as_new(state):
    """Copy a record so that it is encoded from its fields, with values that are not lazy."""
    return replace(state, inputs=dict(state.inputs), outputs=dict(state.outputs))


def test_record_has_the_order_of_pulumis_fields():
    """A record with every field is written in the file's order, unknown fields last."""
    state = read(FULL_RECORD, NumberingCrypter())

    assert encode_record(as_new(state), NumberingCrypter()).text == FULL_RECORD


def test_record_leaves_out_what_is_empty():
    """Only URN, custom and type are always there."""
    state = ResourceState("u", "t", protect=False, property_dependencies={}, inputs={})

    assert encode_record(state, NumberingCrypter()).text == '{"urn":"u","custom":false,"type":"t"}'


def test_stored_record_is_written_as_it_stood():
    """A record from a file keeps its text, whatever the order of its keys and form of numbers."""
    text = '{"urn":"u", "type":"t","custom":true,"inputs":{"b":1.0,"a":1e-07}}'

    assert encode_record(read(text, NumberingCrypter()), NumberingCrypter()).text == text


def test_changed_record_keeps_ciphertexts_without_a_key():
    """Marking a record decrypts nothing and leaves its secrets as they were."""
    crypter = NumberingCrypter()
    state = make_state("a", inputs={"token": Secret("pw")}, outputs={"token": Secret("pw")})
    stored = encode_record(state, crypter)

    marked = encode_record(replace(decode_record(stored, crypter), delete=True), crypter)

    assert marked.document == {**stored.document, "delete": True}
    assert crypter.decrypted == []


def test_new_record_keeps_ciphertexts_of_equal_secrets():
    """The record that replaces another has new ciphertexts only for new values."""
    crypter = NumberingCrypter()
    old = encode_record(make_state("a", inputs={"k": Secret("1"), "l": Secret("2")}), crypter)
    new = make_state("a", inputs={"k": Secret("1"), "l": Secret("3")})

    found = encode_record(new, crypter, old).document["inputs"]

    assert found["k"] == old.document["inputs"]["k"]
    assert found["l"] != old.document["inputs"]["l"]


records = st.builds(
    ResourceState,
    urn=names,
    type=names,
    custom=st.booleans(),
    id=names,
    inputs=property_maps,
    outputs=property_maps,
    parent=names,
    protect=st.sampled_from([None, True]),
    dependencies=st.lists(names, max_size=2).map(tuple),
    property_dependencies=st.dictionaries(names, st.lists(names, max_size=2), max_size=2),
    custom_timeouts=st.dictionaries(st.sampled_from(["create", "delete"]), st.floats(1, 1e6)),
    extra=st.dictionaries(names.map("new{}".format), st.integers() | names, max_size=2),
)


@given(records)
def test_records_survive(state):
    """Writing and reading a record gives every field back, unknown ones included."""
    crypter = NumberingCrypter()

    found = decode_record(encode_record(state, crypter), crypter)

    fields = [name for name in ResourceState.__slots__ if name not in ("stored", "previous")]
    assert {name: getattr(found, name) for name in fields} == {
        name: getattr(state, name) for name in fields
    }


def make_snapshot(**fields):
    """Make a snapshot that has something at every level."""
    state = make_state("a", inputs={"token": Secret("pw")})
    values = {
        "manifest": replace(build_manifest("2026-01-01T00:00:00Z"), extra={"plugins": [1]}),
        "secrets_provider": SecretsProvider("passphrase", {"salt": "v1:x"}),
        "resources": [make_stack(), state],
        "pending_operations": [PendingOperation(make_state("b", id=""), "creating")],
        "extra": {"latestNew": 1},
        "checkpoint_extra": {"checkpointNew": [2]},
        "file_extra": {"fileNew": {"x": 3}},
    }
    return Snapshot(**{**values, **fields})


def test_file_survives_with_unknown_fields_at_every_level():
    """Reading a file and writing it gives the same text."""
    crypter = NumberingCrypter()
    text = encode_file(FULL_NAME, make_snapshot(), crypter)

    file = decode_file(text, lambda _: crypter)

    assert encode_file(FULL_NAME, file.snapshot, crypter) == text
    assert json.loads(text)["fileNew"] == {"x": 3}
    assert file.snapshot.secrets_provider == SecretsProvider("passphrase", {"salt": "v1:x"})
    assert (file.stack, file.fenced, crypter.decrypted) == (FULL_NAME, False, [])


def test_empty_stack_has_no_list():
    """A stack without resources is written without the key, as Pulumi does."""
    text = encode_file(FULL_NAME, Snapshot(), NumberingCrypter())

    assert (
        text
        == f'{{"version":3,"checkpoint":{{"stack":"{FULL_NAME}","latest":{{"metadata":{{}}}}}}}}'
    )


def test_null_lists_are_read_as_empty():
    """A file whose lists are null is one without resources."""
    latest = '{"resources":null,"pending_operations":null}'
    text = f'{{"version":3,"checkpoint":{{"latest":{latest}}}}}'

    assert decode_file(text, lambda _: NumberingCrypter()).snapshot.resources == []


@pytest.mark.parametrize(
    ("fields", "feature"),
    [
        ({"taint": True}, "taint"),
        ({"replace_with": ("u",)}, "replaceWith"),
        ({"resource_hooks": {"afterCreate": ["h"]}}, "hooks"),
        ({"refresh_before_update": True}, "refreshBeforeUpdate"),
        ({"view_of": "u"}, "views"),
        ({"extension_ref": "e"}, "extensionParameterization"),
    ],
)
def test_features_are_announced_when_used(fields, feature):
    """A file that holds a newer field says so, and has version 4 only then."""
    crypter = NumberingCrypter()
    used = Snapshot(resources=[make_state("a", **fields)])
    unused = Snapshot(resources=[make_state("a")], version=4, features=(feature,))

    assert json.loads(encode_file(FULL_NAME, used, crypter))["features"] == [feature]
    assert json.loads(encode_file(FULL_NAME, used, crypter))["version"] == 4
    assert json.loads(encode_file(FULL_NAME, unused, crypter))["version"] == 3


def test_unknown_features_stay():
    """What this engine cannot see in a record is still announced."""
    assert compute_features(Snapshot(features=("byteString", "new"))) == ["byteString", "new"]


def test_fence_is_a_feature_that_reading_takes_away():
    """A fenced file is refused by who does not know the fence, and says nothing else new."""
    crypter = NumberingCrypter()
    snapshot = make_snapshot()
    text = encode_file(FULL_NAME, snapshot, crypter, fenced=True)

    file = decode_file(text, lambda _: crypter)

    assert (json.loads(text)["version"], json.loads(text)["features"]) == (4, [FENCE])
    assert file.fenced
    assert json.loads(encode_file(FULL_NAME, file.snapshot, crypter))["version"] == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version":3}',
        '{"version":3,"checkpoint":{"latest":{"resources":[1]}}}',
        '{"version":3,"checkpoint":{"latest":{"resources":[{"dependencies":1}]}}}',
    ],
)
def test_other_text_is_not_a_checkpoint(text):
    """What is no checkpoint is refused as a whole."""
    with pytest.raises(ValueError):  # noqa: PT011 - JSON errors and ours have no common text
        decode_file(text, lambda _: NumberingCrypter())


def test_text_of_a_record_may_be_a_part_of_a_document():
    """A stored record inside a document is written as it stands."""
    assert render({"a": [StoredText("{ }", {})]}) == '{"a":[{ }]}'
