import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.engine.state.checkpoint import SecretsProvider, Snapshot, build_manifest
from meta_prefect.engine.state.codec import decode_record, encode_file, encode_record
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
from meta_prefect.engine.state.fold import fold
from meta_prefect.engine.state.integrity import check_snapshot
from meta_prefect.engine.state.json_text import render
from meta_prefect.engine.state.scribe import Scribe, read_entries
from meta_prefect.engine.urn import urn_name
from meta_prefect.interfaces.values import Secret
from tests.support.state import NumberingCrypter, make_state, urn_of

MANIFEST = build_manifest("2026-01-01T00:00:00Z")
NAMES = "abcdef"
STEPS_ON_RECORDS = ("create", "update", "same", "verbatim", "delete", "replace")
STEPS = (*STEPS_ON_RECORDS, "fail", "outputs", "lose")


class Run:
    """Makes the entries of an operation on a base of three records, as a session would."""

    def __init__(self):
        self.crypter = NumberingCrypter()
        states = [make_state(name, inputs={"s": Secret(name)}) for name in "abc"]
        stored = [encode_record(state, self.crypter) for state in states]
        self.base = [decode_record(text, self.crypter) for text in stored]
        self.stepped = set()
        self.entries = []
        self.live = {state.urn: state for state in self.base}
        self.finished = []

    def _store(self, state, old=None):
        state.stored = encode_record(state, self.crypter, None if old is None else old.stored)
        return state

    def _new(self, name, number):
        needed = tuple(state.urn for state in self.finished[-1:] if state.urn != urn_of(name))
        return make_state(name, inputs={"n": number, "s": Secret(name)}, dependencies=needed)

    def do(self, number, kind, name):
        """Add the entries of a step, if it makes sense for the record; a URN has one step."""
        old = self.live.get(urn_of(name))
        if kind in STEPS_ON_RECORDS and name in self.stepped:
            return
        self.stepped.add(name)
        match kind:
            case "fail":
                begun = Begin(number, "updating", old or self._new(name, number))
                self.entries += [begun, Failure(number)]
            case "lose":
                self.entries.append(Begin(number, "creating", make_state(name, id="")))
            case "outputs" if self.finished:
                state = self.finished[-1]
                state.stored, state.outputs = None, {"o": number}
                self.entries.append(Outputs(state, self._store(state)))
            case "create" if old is None:
                self._finish(Success(number, None, self._store(self._new(name, number))))
            case _ if old is not None:
                self._change(number, kind, old)

    def _change(self, number, kind, old):
        new = self._store(self._new(urn_name(old.urn), number), old)
        match kind:
            case "update":
                self._finish(Success(number, old, new))
            case "same":
                self._finish(Success(None, old, self._store(replace(old), old)))
            case "verbatim":
                self._finish(Success(None, old, old))
            case "replace":
                self._finish(Success(number, old, new, Mark.DELETE))
            case "delete":
                self.live.pop(old.urn)
                self.entries.append(Success(number, old, None, Mark.PENDING_REPLACEMENT))

    def _finish(self, step):
        if step.number is not None:
            self.entries.append(Begin(step.number, "updating", step.old or step.new))
        self.entries.append(step)
        self.live[step.new.urn] = step.new
        self.finished.append(step.new)

    def fold(self, entries):
        return fold(Snapshot(resources=self.base), entries, MANIFEST)

    def replay(self, documents):
        def refuse(provider):
            raise AssertionError(provider)

        return self.fold(read_entries(documents, self.base, self.crypter, refuse))


steps = st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(NAMES)), max_size=12)


def do_all(steps):
    """Do steps, and give the run with its journal, whose lines are written as the steps end."""
    run = Run()
    documents = []
    scribe = Scribe(run.base, run.crypter)
    for number, (kind, name) in enumerate(steps):
        before = len(run.entries)
        run.do(number, kind, name)
        documents += [json.loads(render(scribe.write(entry))) for entry in run.entries[before:]]
    return run, documents


@given(steps)
def test_replay_gives_what_the_session_would_write(steps):
    """The whole journal, read back, folds into the same file as the entries in memory."""
    run, documents = do_all(steps)

    direct = encode_file("s", run.fold(run.entries), run.crypter)

    assert encode_file("s", run.replay(documents), run.crypter) == direct


@given(steps, st.integers(0, 30))
def test_every_prefix_is_a_sound_state(steps, length):
    """However much of a journal there is, what it gives breaks no rule."""
    run, documents = do_all(steps)

    assert check_snapshot(run.replay(documents[:length])) == []


@given(steps, st.data())
def test_line_written_twice_counts_once(steps, data):
    """The second of two equal lines, left by a retry, is passed over; a gap ends the journal."""
    run, documents = do_all(steps)
    doubled = [item for item in documents for _ in range(data.draw(st.integers(1, 2)))]

    whole = encode_file("s", run.replay(documents), run.crypter)

    assert encode_file("s", run.replay(doubled), run.crypter) == whole
    assert list(read_entries(documents[1:], run.base, run.crypter, None)) == []


def test_equal_record_is_named_and_not_repeated():
    """A step that changes nothing costs a line without a record."""
    run, documents = do_all([("same", "a"), ("verbatim", "b")])

    assert [document["new"] for document in documents] == ["b0", "b1"]
    assert len(run.entries) == 2


def test_refresh_names_records_anew():
    """After a rebase, names are of the new base."""
    run = Run()
    scribe = Scribe(run.base, run.crypter)
    found = make_state("z")
    entries = [Rebase((run.base[2], found)), Success(None, found, None), Settle("u")]

    documents = [json.loads(render(scribe.write(entry))) for entry in entries]
    replayed = run.replay(documents)

    assert documents[0]["resources"][0] == "b2"
    assert documents[1]["old"] == "b1"
    assert [state.urn for state in replayed.resources] == [urn_of("c")]


def test_secrets_made_on_the_way_open_what_follows():
    """Records after the entry of a secrets provider are read with that provider's crypter."""
    crypter = NumberingCrypter()
    scribe = Scribe([], crypter)
    provider = SecretsProvider("passphrase", {"salt": "x"})
    state = make_state("a", inputs={"s": Secret("pw")})
    documents = [
        json.loads(render(scribe.write(entry)))
        for entry in (SecretsMade(provider), Success(1, None, state))
    ]
    asked = []

    def open_later(found):
        asked.append(found)
        return crypter

    entries = list(read_entries(documents, [], NumberingCrypter(), open_later))

    assert asked == [provider]
    assert entries[1].new.inputs == {"s": Secret("pw")}
    assert crypter.decrypted == ['0:"pw"']
