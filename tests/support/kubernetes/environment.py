"""
The environment of a container, from the pod's spec and what it refers to.

Source: the `EnvVar` type of Kubernetes' core API.
"""

from __future__ import annotations

import base64
import re

_REFERENCE = re.compile(r"\$\((?P<name>[A-Za-z_][\w.]*)\)")


class Missing(Exception):
    """Something that the environment refers to is not there; its text says what."""


async def build_environment(api, pod, container, base, locate):
    """
    Give a container's variables, over those of a base; `locate` translates paths in volumes.

    Raises:
        Missing: a Secret or ConfigMap, or a key of one, is not there.
    """
    found = dict(base)
    for source in container.get("envFrom") or ():
        values = await _read_source(api, pod, source)
        prefix = source.get("prefix", "")
        found |= {f"{prefix}{key}": value for key, value in values.items()}
    for variable in container.get("env") or ():
        value = await _find_value(api, pod, variable)
        if value is not None:
            found[variable["name"]] = locate(expand(value, found))
    return found


def expand(text, variables):
    """Put variables into the places for them; unknown ones stay as they are."""
    return _REFERENCE.sub(lambda match: variables.get(match["name"], match[0]), text)


async def _find_value(api, pod, variable):
    source = variable.get("valueFrom")
    if not source:
        return variable.get("value") or ""
    if "fieldRef" in source:
        return _find_field(pod, source["fieldRef"]["fieldPath"])
    if "resourceFieldRef" in source:
        return "0"
    reference = source.get("secretKeyRef") or source["configMapKeyRef"]
    kind = "secretRef" if "secretKeyRef" in source else "configMapRef"
    values = await _read_source(api, pod, {kind: reference})
    if reference["key"] in values:
        return values[reference["key"]]
    if reference.get("optional"):
        return None
    raise Missing(f"couldn't find key {reference['key']} in {reference['name']}")


async def _read_source(api, pod, source):
    kind = "Secret" if "secretRef" in source else "ConfigMap"
    reference = source.get("secretRef") or source["configMapRef"]
    namespace = pod["metadata"]["namespace"]
    found = await api.get(await api.build_path("v1", kind, namespace, reference["name"]))
    if found is None:
        if reference.get("optional"):
            return {}
        raise Missing(f'{kind.lower()} "{reference["name"]}" not found')
    data = found.get("data") or {}
    if kind == "ConfigMap":
        return data
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def _find_field(pod, path):
    known = {
        "metadata.name": pod["metadata"]["name"],
        "metadata.namespace": pod["metadata"]["namespace"],
        "metadata.uid": pod["metadata"]["uid"],
        "spec.nodeName": pod["spec"].get("nodeName", ""),
        "spec.serviceAccountName": pod["spec"].get("serviceAccountName", ""),
        "status.podIP": pod.get("status", {}).get("podIP", ""),
    }
    if path in known:
        return known[path]
    kind, _, key = path.removeprefix("metadata.").partition("['")
    return (pod["metadata"].get(kind) or {}).get(key.removesuffix("']"), "")
