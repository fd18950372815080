"""The provider's own inputs: which cluster, as whom, and what may be changed in place."""

from __future__ import annotations

import json
from dataclasses import dataclass

from meta_prefect.interfaces.provider import CheckFailure
from meta_prefect.interfaces.values import UNKNOWN, without_secrets
from tests.support.plugins.sdk_inputs import find_class

# Inputs that are not of the provider but of whoever starts it.
_ENGINE_INPUTS = frozenset({"version", "pluginDownloadURL", "pluginChecksums"})


@dataclass(frozen=True)
class Settings:
    """
    What the provider was told.

    kubeconfig: text or path; empty for that of the environment. context: empty for the current.
    """

    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    cluster_identifier: str = ""
    config_map_mutable: bool = False
    secret_mutable: bool = False
    server_side_apply: bool = True
    patch_force: bool = False
    upsert: bool = False
    delete_unreachable: bool = False

    def is_mutable(self, kind):
        """Say whether the data of a ConfigMap or Secret may change in place."""
        return {"ConfigMap": self.config_map_mutable, "Secret": self.secret_mutable}.get(kind)


def read_settings(inputs):
    """Read the provider's inputs, plain values; switches may come as text, some may be unknown."""
    inputs = {key: value for key, value in inputs.items() if value is not UNKNOWN}
    config = inputs.get("kubeconfig") or ""
    return Settings(
        kubeconfig=config if isinstance(config, str) else json.dumps(config),
        context=inputs.get("context") or "",
        namespace=inputs.get("namespace") or "",
        cluster_identifier=inputs.get("clusterIdentifier") or "",
        config_map_mutable=_is_true(inputs, "enableConfigMapMutable"),
        secret_mutable=_is_true(inputs, "enableSecretMutable"),
        server_side_apply=_is_true(inputs, "enableServerSideApply", default="true"),
        patch_force=_is_true(inputs, "enablePatchForce"),
        upsert=_is_true(inputs, "upsertExistingObjects"),
        delete_unreachable=_is_true(inputs, "deleteUnreachable"),
    )


def _is_true(inputs, name, default="false"):
    return str(inputs.get(name, default)).lower() == "true"


def check_settings(inputs):
    """Say what is wrong with the provider's inputs."""
    from pulumi_kubernetes import provider

    own = {key: value for key, value in inputs.items() if key not in _ENGINE_INPUTS}
    failures = find_class(provider, "Provider").check(own)
    if not read_settings(without_secrets(own)).server_side_apply:
        reason = "the Kubernetes double only applies on the server's side"
        failures += (CheckFailure("enableServerSideApply", reason),)
    return failures
