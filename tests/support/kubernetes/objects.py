"""
Objects as the program says them and as the server has them: names, ids, and what is drift.

The server adds much and writes quantities in its own way; only what the program said is compared.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from meta_prefect.interfaces.values import UNKNOWN, Secret, without_secrets

AUTONAMED = "pulumi.com/autonamed"
FORCE = "pulumi.com/patchForce"
SKIP_AWAIT = "pulumi.com/skipAwait"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"
MANAGER = "__fieldManager"

_SUFFIXES = {
    "": 1,
    "m": Decimal("0.001"),
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}


def spell_for_sdk(value):
    """Write extensions of a schema as the SDK has them: `x_kubernetes_...`."""
    return _rename(value, "x-kubernetes-", "-", "_")


def spell_for_server(value):
    """Write extensions of a schema as Kubernetes has them: `x-kubernetes-...`."""
    return _rename(value, "x_kubernetes_", "_", "-")


def _rename(value, start, old, new):
    if isinstance(value, dict):
        return {
            (key.replace(old, new) if key.startswith(start) else key): _rename(
                item, start, old, new
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_rename(item, start, old, new) for item in value]
    return value


def build_manager():
    """Make the name under which one resource's fields are owned."""
    return f"pulumi-kubernetes-{secrets.token_hex(4)}"


def build_id(live):
    """Give the id of an object: its name, with its namespace before it if it has one."""
    metadata = live["metadata"]
    place = metadata.get("namespace")
    return f"{place}/{metadata['name']}" if place else metadata["name"]


def split_id(id):
    """Give namespace (maybe empty) and name."""
    namespace, _, name = id.rpartition("/")
    return namespace, name


def is_set(inputs, annotation):
    """Say whether an annotation is set to true."""
    annotations = read_metadata(inputs).get("annotations")
    return isinstance(annotations, Mapping) and annotations.get(annotation) == "true"


def read_metadata(inputs):
    """Give an object's metadata; empty where they are not known, as in a preview."""
    metadata = inputs.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def complete(inputs, olds, namespace, urn_name):
    """Give inputs a name and a namespace where they have none; None is for kinds without one."""
    metadata = dict(inputs.get("metadata") or {})
    if isinstance(inputs.get("metadata"), Secret) or inputs.get("metadata") is UNKNOWN:
        return inputs
    if not metadata.get("name"):
        old = (olds.get("metadata") or {}) if is_set(olds, AUTONAMED) else {}
        metadata["name"] = old.get("name") or f"{urn_name}-{secrets.token_hex(4)}"
        annotations = metadata.get("annotations") or {}
        metadata["annotations"] = {**annotations, AUTONAMED: "true"}
    if namespace is not None:
        metadata.setdefault("namespace", namespace)
    return {**inputs, "metadata": metadata}


def find_live_inputs(inputs, live):
    """Give inputs that say what the object is now: those of before, but for what differs."""
    inputs, live = without_secrets(inputs), spell_for_sdk(live)
    if live["kind"] == "Secret":
        live = {**live, "stringData": _decode_data(inputs, live)}
    return _reconcile(inputs, live)


def _decode_data(inputs, live):
    """Give what the server keeps encoded; a key that is gone is not there."""
    data = live.get("data") or {}
    asked = inputs.get("stringData") or {}
    return {key: base64.b64decode(data[key]).decode() for key in asked if key in data}


def _reconcile(asked, found):
    if isinstance(asked, dict) and isinstance(found, dict):
        return {
            key: _reconcile(value, found[key]) if key in found else None
            for key, value in asked.items()
            if key in found or not _is_nothing(value)
        }
    if isinstance(asked, list) and isinstance(found, list) and len(asked) == len(found):
        return [_reconcile(item, other) for item, other in zip(asked, found, strict=True)]
    if asked == found or (_is_nothing(asked) and _is_nothing(found)):
        return asked
    same = parse_quantity(asked) is not None and parse_quantity(asked) == parse_quantity(found)
    return asked if same else found


def _is_nothing(value):
    """Say whether a value is one that the server drops."""
    return value is None or value in ({}, [], "", 0, False)


def parse_quantity(value):
    """Read a quantity such as `500m` or `1Gi`; None when it is none."""
    text = str(value)
    number = text.rstrip("mkMGTKi")
    factor = _SUFFIXES.get(text[len(number) :])
    try:
        return Decimal(number) * factor if factor is not None else None
    except InvalidOperation:
        return None


def list_asked(live):
    """Give an object made elsewhere as a program would say it: without what the server adds."""
    metadata = live["metadata"]
    kept = ("name", "namespace", "labels", "annotations")
    asked = {key: value for key, value in live.items() if key not in {"status", "metadata"}}
    return {**asked, "metadata": {key: metadata[key] for key in kept if key in metadata}}


def foresee(live, outputs):
    """Give what a dry run says, without what will be another when it is real."""
    metadata = {
        **live["metadata"],
        **dict.fromkeys(("uid", "resourceVersion", "creationTimestamp"), UNKNOWN),
    }
    return {**live, "metadata": metadata, "status": outputs.get("status", UNKNOWN)}


def strip(live):
    """Give an object as outputs, without what changes at every look and nobody reads."""
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    return spell_for_sdk({**live, "metadata": metadata})
