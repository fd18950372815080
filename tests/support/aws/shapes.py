"""
Turning inputs into the parameters of AWS calls, and answers into outputs, by AWS's own models.

The SDK's names are those of AWS in another spelling (`cidrBlock`, `CidrBlock`), so a parameter is
found by its letters; the few that differ are said where they are used. Tags, which every service
spells in its own way, are left alone.

Source: the service models that botocore ships.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

_CAPITALS = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|\d|$)")


def ask(call, service, operation, /, **given):
    """
    Call an operation with all inputs that it has parameters for.

    given: parameters that are said outright; None leaves one out.
    """
    client = call.client(service)
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
    own = {key.lower() for key in given} | {"tags"}
    inputs = {key: value for key, value in call.inputs.items() if key.lower() not in own}
    parameters = fit(model.input_shape, inputs)
    parameters |= {key: value for key, value in given.items() if value is not None}
    return getattr(client, operation)(**parameters)


def fit(shape, value):
    """Spell the parts of a value as a shape has them; parts it does not have are left out."""
    match shape.type_name:
        case "structure":
            members = {name.lower(): name for name in shape.members}
            return {
                members[key.lower()]: fit(shape.members[members[key.lower()]], item)
                for key, item in value.items()
                if item is not None and key.lower() in members
            }
        case "list" if isinstance(value, dict):
            return to_pairs(value)
        case "list":
            return [fit(shape.member, item) for item in value]
        case "map":
            return {key: fit(shape.value, item) for key, item in value.items()}
        case "integer" | "long":
            return int(value)
        case "boolean":
            return value is True or value == "true"
        case "string":
            return value if isinstance(value, str) else _write(value)
    return value


def _write(value):
    """Write what AWS takes as text: a document as JSON, a number as it is."""
    return json.dumps(value) if isinstance(value, dict | list | bool) else str(value)


def unfit(value, spelling):
    """
    Spell an answer's keys as the SDK does.

    spelling: an input or output known in that spelling, whose keys are kept where they match by
    their letters; None for what is not known, which gets a small first letter.
    """
    if isinstance(value, dict):
        known = spelling if isinstance(spelling, dict) else {}
        names = {key.lower(): key for key in known}
        return {
            names.get(key.lower()) or spell_key(key): unfit(
                item, known.get(names.get(key.lower(), ""))
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        known = spelling if isinstance(spelling, list) else []
        return [
            unfit(item, known[index] if index < len(known) else None)
            for index, item in enumerate(value)
        ]
    return value.isoformat() if isinstance(value, datetime) else value


def spell_key(key):
    """Spell a key of AWS as the SDK would: `KMSMasterKeyID` is `kmsMasterKeyId`."""
    words = _CAPITALS.sub(lambda found: found[0].capitalize(), key)
    return words[:1].lower() + words[1:]


def spell(call, answer, **more):
    """Make outputs of an answer's object, in the SDK's spelling, and of some said outright."""
    return {**unfit(answer, call.inputs or call.outputs), **more}


def to_pairs(tags, key="Key", value="Value"):
    """Write tags as the list of pairs that most services take."""
    return [{key: name, value: text} for name, text in tags.items()]


def from_pairs(pairs, key="Key", value="Value"):
    """Read a list of pairs."""
    return {pair[key]: pair[value] for pair in pairs or ()}
