"""What holds of every state file, secret and stack file, whatever is in it."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from meta_prefect.engine.state.codec import decode_file, encode_file
from meta_prefect.engine.state.config import read_stack_file, write_salt
from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.state.properties import UnreadSecrets, decode, encode
from meta_prefect.engine.state.secrets import PassphraseSecrets
from tests.support.state import NumberingCrypter, names, property_maps, texts, values

numbers = st.integers(-(2**53), 2**53)
"""Whole ones that a double holds: more the format does not have."""
unknown = st.dictionaries(names.map("unknown{}".format), numbers | texts, max_size=2)
"""Fields that nobody here knows."""


def with_unknown(known):
    """Give objects that have fields nobody knows beside those they are made of."""
    return st.builds(lambda fields, more: {**fields, **more}, st.fixed_dictionaries(known), unknown)


def ciphers(plaintext):
    """Give a stored secret."""
    tag = "1b47061264138c4ac30d75fd1eb44270"
    return {"4dabf18193072939515e22adb298388d": tag, "ciphertext": plaintext}


stored_values = st.one_of(st.none(), st.booleans(), numbers, texts, texts.map(ciphers))
records = with_unknown(
    {
        "urn": names,
        "custom": st.booleans(),
        "type": names,
        "inputs": st.dictionaries(texts, stored_values, max_size=3),
        "dependencies": st.lists(names, max_size=2),
    }
)
checkpoints = with_unknown(
    {
        "manifest": with_unknown({"time": texts, "magic": texts, "version": texts}),
        "secrets_providers": with_unknown(
            {"type": st.just("passphrase"), "state": with_unknown({"salt": texts})}
        ),
        "resources": st.lists(records, min_size=1, max_size=3),
        "pending_operations": st.lists(
            with_unknown({"resource": records, "type": st.just("creating")}),
            min_size=1,
            max_size=2,
        ),
        "metadata": st.just({}),
    }
)
files = with_unknown(
    {
        "version": st.just(4),
        "features": st.just(["someFeature"]),
        "checkpoint": with_unknown({"stack": names, "latest": checkpoints}),
    }
)


def rewrite(text):
    """Read a file and write it again."""
    file = decode_file(text, lambda _: UnreadSecrets())
    return encode_file(file.stack, file.snapshot, UnreadSecrets())


@given(files, st.sampled_from([None, 2]))
def test_file_survives_with_what_nobody_knows(document, indent):
    """Fields that nobody knows, at every level, are written as they were read, without a key."""
    text = json.dumps(document, indent=indent)

    assert json.loads(rewrite(text)) == document


@given(files)
def test_file_that_was_written_by_us_stays_byte_for_byte(document):
    """Reading and writing again changes no byte."""
    text = rewrite(json.dumps(document))

    assert rewrite(text) == text


@given(files)
def test_records_stay_byte_for_byte(document):
    """The text of each record is found again in the file, however it was written."""
    text = json.dumps(document)
    records = document["checkpoint"]["latest"]["resources"]

    assert all(json.dumps(record) in rewrite(text) for record in records)


SECRETS = PassphraseSecrets.new(lambda: "pass phrase é")
"""Derived once: that takes about half a second."""


@settings(deadline=None)
@given(texts)
def test_secret_text_survives_the_passphrase(plaintext):
    """What was encrypted is decrypted by whoever has salt and passphrase, and differs each time."""
    first, second = SECRETS.encrypt(plaintext), SECRETS.encrypt(plaintext)
    other = PassphraseSecrets.from_state(SECRETS.salt, lambda: "pass phrase é")

    assert first != second
    assert other.decrypt(first) == other.decrypt(second) == plaintext


@settings(deadline=None)
@given(property_maps)
def test_properties_survive_the_passphrase(properties):
    """Values with secrets in them come back equal, and the secrets are nowhere in clear."""
    document = json.loads(json.dumps(encode(properties, SECRETS)))

    assert decode(document, SECRETS) == properties


@given(values, values)
def test_ciphertexts_stay_where_the_value_does(old, new):
    """Encoding over what is stored gives the same document for the same value."""
    crypter = NumberingCrypter()
    stored = encode(old, crypter)

    assert encode(old, crypter, stored) == stored
    assert decode(encode(new, crypter, stored), crypter) == new


top_lines = ["# encryptionsalt: a comment", "", "secretsprovider: passphrase  # said twice"]
config_lines = [
    "  # what follows is of no namespace",
    "  conf:plain: x",
    "  aws:region:   eu  # spaces stay",
    "  conf:secret:\n    secure: v1:abc",
    "  conf:text: |\n    encryptionsalt: not this one",
]


def some_of(lines):
    """Give any of some lines, in any order, each at most once."""
    return st.lists(st.sampled_from(lines), unique=True)


stack_files = st.builds(
    lambda head, top, config, end: head + "\n".join([*top, "config:", *config]) + end,
    st.sampled_from(["", "---\n", "# first\n---\n", "%YAML 1.1\n---\n", "\ufeff"]),
    some_of(top_lines),
    some_of(config_lines),
    st.sampled_from(["", "\n", "\n# last\n", "\nencryptionsalt: v1:old\n"]),
)


@given(stack_files, st.sampled_from(["\n", "\r\n"]))
def test_salt_changes_one_line(text, ending):
    """Writing a salt leaves every other line of a stack's file as it is, comments included."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "Pulumi.dev.yaml"
        path.write_bytes(text.replace("\n", ending).encode())
        before = read_stack_file(Path(name), "conf", "dev")
        old = read_lines(path)

        write_salt(Path(name), "dev", "v1:new", Disk())
        after = read_stack_file(Path(name), "conf", "dev")
        new = read_lines(path)

    added = [line for line in new if b"v1:new" in line]
    kept = [line for line in old if not line.startswith(b"encryptionsalt: v1:old")]
    assert (after.config, after.salt) == (before.config, "v1:new")
    assert len(added) == 1
    assert [line for line in new if line not in added] == kept


def read_lines(path):
    """Give a file's lines with their ends, without the mark of its encoding."""
    data = path.read_bytes()
    return data.removeprefix("\ufeff".encode()).splitlines(keepends=True)
