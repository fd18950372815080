"""
How a program outside of a cluster gets in: a kubeconfig without a secret, and a provider with it.

The token is fetched by `aws eks get-token` when it is needed, so state holds none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

Make = Callable[..., Any]


def build_kubeconfig(
    name: pulumi.Input[str], endpoint: pulumi.Input[str], ca: pulumi.Input[str], region: Any
) -> pulumi.Output[str]:
    """
    Write the kubeconfig of an EKS cluster.

    ca: its certificate, in base64.
    """
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "eks",
                    "cluster": {"server": endpoint, "certificate-authority-data": ca},
                }
            ],
            "contexts": [{"name": "eks", "context": {"cluster": "eks", "user": "aws"}}],
            "current-context": "eks",
            "users": [
                {
                    "name": "aws",
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "aws",
                            "args": [
                                "eks",
                                "get-token",
                                "--cluster-name",
                                name,
                                "--region",
                                region,
                                "--output",
                                "json",
                            ],
                            "interactiveMode": "IfAvailable",
                        }
                    },
                }
            ],
        },
        sort_keys=True,
    )


def build_provider(
    make: Make,
    kubeconfig: pulumi.Input[str] | None,
    *,
    context: str = "",
    identifier: pulumi.Input[str] | None = None,
    **place: Any,
) -> kubernetes.Provider:
    """
    Declare the provider `k8s` of a cluster, as a child of its component.

    make: the component's `make`; `place` goes there.
    kubeconfig: None: the one of kubectl.
    identifier: what tells the cluster apart from others; ◇ with it, a new certificate or address
        does not replace everything inside.
    """
    return make(
        "k8s",
        kubernetes.Provider,
        kubeconfig=None if kubeconfig is None else pulumi.Output.secret(kubeconfig),
        context=context or None,
        cluster_identifier=identifier,
        enable_server_side_apply=True,
        enable_patch_force=True,  # what somebody scaled by hand is ours to scale back
        enable_secret_mutable=True,  # waiting pods refer to secrets by their names
        delete_unreachable=True,
        **place,
    )
