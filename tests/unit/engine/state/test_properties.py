import json
import math

import pytest
from hypothesis import given

from meta_prefect.engine.state.json_text import render
from meta_prefect.engine.state.properties import (
    StoredMap,
    UnreadSecrets,
    decode,
    encode,
    encode_map,
    reveal,
)
from meta_prefect.interfaces import wire
from meta_prefect.interfaces.values import UNKNOWN, Asset, ResourceReference, Secret
from tests.support.state import NumberingCrypter, property_maps, values


def stored(value, crypter):
    """Give a value as it stands in a file."""
    return json.loads(render(encode(value, crypter)))


@given(values)
def test_values_survive(value):
    """Every property value is read as it was written."""
    crypter = NumberingCrypter()

    assert decode(stored(value, crypter), crypter) == value


@given(property_maps)
def test_untouched_map_is_written_as_it_stood(values):
    """A map from a file is given back as that very object, without a key."""
    crypter = NumberingCrypter()
    document = stored(values, crypter)

    assert encode_map(StoredMap(document, crypter), crypter) is document
    assert crypter.decrypted == []


@given(property_maps)
def test_map_of_a_file_equals_the_plain_one(values):
    """A lazy map compares, iterates and counts like the values in it."""
    crypter = NumberingCrypter()
    lazy = StoredMap(stored(values, crypter), crypter)

    assert lazy == values
    assert values == lazy
    assert dict(lazy) == values
    assert len(lazy) == len(values)


def test_secret_is_decrypted_when_its_value_is_looked_at():
    """Looking at a map or at another value decrypts nothing."""
    crypter = NumberingCrypter()
    lazy = StoredMap(stored({"plain": 1, "token": Secret("pw")}, crypter), crypter)

    token = lazy["token"]
    before = list(crypter.decrypted)

    assert before == []
    assert token.value == "pw"
    assert token == Secret("pw")
    assert hash(token) == hash(Secret("pw"))
    assert len(crypter.decrypted) == 1


def test_equal_secret_keeps_its_ciphertext():
    """A new secret with the old value at the same place is written as the old ciphertext."""
    crypter = NumberingCrypter()
    old = stored({"a": [Secret({"x": 1}), Secret("b")]}, crypter)

    new = encode({"a": [Secret({"x": 1}), Secret("c")]}, crypter, old)

    assert new["a"][0] == old["a"][0]
    assert new["a"][1] != old["a"][1]
    assert decode(new, crypter) == {"a": [Secret({"x": 1}), Secret("c")]}


def test_same_value_elsewhere_gets_its_own_ciphertext():
    """Equal secrets at two places cannot be told to be equal."""
    crypter = NumberingCrypter()

    found = encode({"a": Secret("pw"), "b": Secret("pw")}, crypter)

    assert found["a"] != found["b"]


def test_secret_of_another_stack_is_encrypted_anew():
    """A ciphertext never moves to a stack with another key."""
    theirs, ours = NumberingCrypter(), NumberingCrypter()
    ours.encrypt("something before")
    lazy = StoredMap(stored({"a": Secret("pw")}, theirs), theirs)

    moved = encode_map(lazy, ours)

    assert moved != lazy.document
    assert decode(moved, ours) == {"a": Secret("pw")}


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_special_numbers_have_a_tag(number):
    """Infinities and not-a-number are 16 hex digits under a tag."""
    document = stored(number, NumberingCrypter())

    found = decode(document, NumberingCrypter())

    assert document[wire.SIGNATURE] == "8ad145fe-0d11-4827-bfd7-1abcbf086f5c"
    assert len(document["value"]) == 16
    assert found == number or (math.isnan(found) and math.isnan(number))


def test_unknown_tag_survives():
    """A value of a kind that nobody here knows is read and written unchanged."""
    document = {wire.SIGNATURE: "of the future", "value": {"b": 1, "a": [2]}}
    crypter = NumberingCrypter()

    assert encode(decode(document, crypter), crypter) == document


def test_unknown_value_is_told_from_text():
    """The sentinel text of a file is the unknown value."""
    document = stored({"a": UNKNOWN}, NumberingCrypter())

    assert decode(document, NumberingCrypter())["a"] is UNKNOWN


def test_reference_always_says_its_version():
    """A resource reference has a package version in the file, be it empty."""
    document = stored(ResourceReference("urn", "id"), NumberingCrypter())

    assert document["packageVersion"] == ""


def test_reader_leaves_secrets_unread():
    """Without a passphrase a secret is one, with no value, and nothing can be encrypted."""
    document = stored({"a": Secret("pw")}, NumberingCrypter())
    reader = UnreadSecrets()

    assert decode(document, reader) == {"a": Secret(None)}
    with pytest.raises(NotImplementedError):
        encode(Secret("pw"), reader)


def test_secret_text_has_its_keys_in_order():
    """An asset that is secret is the text that Pulumi makes of it, which sorts all keys."""
    crypter = NumberingCrypter()

    shown = reveal(stored(Secret(Asset(text="t", hash="h")), crypter), crypter)

    assert list(json.loads(shown["plaintext"])) == [wire.SIGNATURE, "hash", "text"]


def test_export_shows_secrets_as_json_text():
    """In an export in clear a secret is the JSON text of its value, and can be read back."""
    crypter = NumberingCrypter()

    shown = reveal([stored({"a": Secret(["pw"])}, crypter)], crypter)

    assert shown[0]["a"]["plaintext"] == '["pw"]'
    assert decode(shown, crypter) == [{"a": Secret(["pw"])}]
