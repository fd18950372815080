"""
Entries as documents of the journal, and back.

A document names records that are there already: `b3` is the fourth of the base, `n7` the new one
of entry 7. A stored record is written once, by the entry that brings it. Not to be confused with
`codec`, whose records these are, and `fold`, which says what entries mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from meta_prefect.engine.state.checkpoint import ResourceState, SecretsProvider, StoredText
from meta_prefect.engine.state.codec import decode_record, encode_record
from meta_prefect.engine.state.entries import (
    Begin,
    Entry,
    Failure,
    Mark,
    Outputs,
    Rebase,
    SecretsMade,
    Settle,
    Success,
)
from meta_prefect.engine.state.json_text import render
from meta_prefect.engine.state.properties import Crypter


class Scribe:
    """Writes entries; all in the order they happened."""

    def __init__(self, base: Sequence[ResourceState], crypter: Crypter) -> None:
        self._crypter = crypter
        self._sequence = 0
        self._names = _name_base(base)

    def write(self, entry: Entry) -> dict[str, Any]:
        """Make an entry's document, and remember the names it gives."""
        self._sequence += 1
        return {"sequence": self._sequence, **self._describe(entry)}

    def _describe(self, entry: Entry) -> dict[str, Any]:
        match entry:
            case Begin(number, kind, state):
                operation = {"number": number, "operation": kind}
                return {"kind": "begin", **operation, "state": self._say(state)}
            case Success():
                return self._describe_success(entry)
            case Failure(number):
                return {"kind": "failure", "number": number}
            case Outputs(target, state):
                # The same object since its outputs came: its name would say what it was before.
                record = encode_record(state, self._crypter)
                return {"kind": "outputs", "target": self._names[target], "state": record}
            case Rebase(resources):
                records = [self._say(state) for state in resources]
                self._names = _name_base(resources)
                return {"kind": "rebase", "resources": records}
            case Settle(urn):
                return {"kind": "settle", "urn": urn}
            case SecretsMade(provider):
                return {"kind": "secrets", "type": provider.type, "state": provider.state}

    def _describe_success(self, step: Success) -> dict[str, Any]:
        document: dict[str, Any] = {"kind": "success", "mark": step.mark.value}
        if step.number is not None:
            document["number"] = step.number
        if step.old is not None:
            document["old"] = self._names[step.old]
        if step.new is not None:
            document["new"] = self._say_new(step.new, step.old)
        return document

    def _say_new(self, new: ResourceState, old: ResourceState | None) -> str | StoredText:
        if old is not None and _is_stored_alike(new, old):
            self._names[new] = self._names[old]
        if new in self._names:
            return self._names[new]
        self._names[new] = f"n{self._sequence}"
        return encode_record(new, self._crypter)

    def _say(self, state: ResourceState) -> str | StoredText:
        return self._names.get(state) or encode_record(state, self._crypter)


def _is_stored_alike(new: ResourceState, old: ResourceState) -> bool:
    return new.stored is not None and old.stored is not None and new.stored.text == old.stored.text


def _name_base(base: Sequence[ResourceState]) -> dict[ResourceState, str]:
    return {state: f"b{index}" for index, state in enumerate(base)}


def read_entries(
    documents: Iterable[Mapping[str, Any]],
    base: Sequence[ResourceState],
    crypter: Crypter,
    on_secrets: Callable[[SecretsProvider], Crypter],
) -> Iterator[Entry]:
    """
    Read documents back, in order; one that comes twice counts once, a gap ends it.

    `on_secrets` gives the crypter of what follows, when the stack got its secrets on the way.
    """
    reader = _Reader(base, crypter, on_secrets)
    last = 0
    for document in documents:
        sequence = document["sequence"]
        if sequence > last + 1:
            return
        if sequence == last + 1:
            last = sequence
            yield reader.read(document)


class _Reader:
    def __init__(
        self,
        base: Sequence[ResourceState],
        crypter: Crypter,
        on_secrets: Callable[[SecretsProvider], Crypter],
    ) -> None:
        self._crypter = crypter
        self._on_secrets = on_secrets
        self._states = {name: state for state, name in _name_base(base).items()}

    def read(self, document: Mapping[str, Any]) -> Entry:
        match document["kind"]:
            case "begin":
                state = self._read_state(document["state"])
                return Begin(document["number"], document["operation"], state)
            case "success":
                return self._read_success(document)
            case "failure":
                return Failure(document["number"])
            case "outputs":
                target = self._states[document["target"]]
                return Outputs(target, self._read_state(document["state"]))
            case "rebase":
                return self._read_rebase(document)
            case "settle":
                return Settle(document["urn"])
            case "secrets":
                return self._read_secrets(document)
        raise ValueError(f"unknown kind of journal entry: {document['kind']!r}")

    def _read_success(self, document: Mapping[str, Any]) -> Success:
        old = self._states[document["old"]] if "old" in document else None
        new = self._read_state(document["new"]) if "new" in document else None
        if new is not None and not isinstance(document["new"], str):
            self._states[f"n{document['sequence']}"] = new
        return Success(document.get("number"), old, new, Mark(document["mark"]))

    def _read_rebase(self, document: Mapping[str, Any]) -> Rebase:
        resources = tuple(self._read_state(item) for item in document["resources"])
        self._states = {name: state for state, name in _name_base(resources).items()}
        return Rebase(resources)

    def _read_secrets(self, document: Mapping[str, Any]) -> SecretsMade:
        provider = SecretsProvider(document["type"], document["state"])
        self._crypter = self._on_secrets(provider)
        return SecretsMade(provider)

    def _read_state(self, document: Any) -> ResourceState:
        if isinstance(document, str):
            return self._states[document]
        return decode_record(StoredText(render(document), document), self._crypter)
