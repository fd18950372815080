"""
Reading kubeconfig files: which server, and how to say who asks.

Knows certificates, tokens and commands (`exec`, as EKS has it), in the file or as text. The folder
for certificates that stand in the file itself is the caller's, and stays the caller's to remove.

Source: kubernetes.io/docs/reference/config-api/kubeconfig.v1.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class KubeconfigError(Exception):
    """The file does not say what is asked of it; its text is what the user reads."""


@dataclass(frozen=True)
class Access:
    """
    How to speak to a cluster.

    server: URL; tls: what to trust and to show.
    headers: of every request.
    namespace: of the context; empty when it has none.
    """

    server: str
    tls: ssl.SSLContext
    headers: dict[str, str]
    namespace: str = ""


def load_kubeconfig(text):
    """
    Read a kubeconfig from its text, from a path, or from where the environment says it is.

    Raises:
        KubeconfigError: there is none, or it is none.
    """
    if not text:
        text = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    if "\n" not in text and not text.lstrip().startswith("{"):
        path = Path(text).expanduser()
        if not path.is_file():
            raise KubeconfigError(f"there is no kubeconfig at {path}")
        text = path.read_text()
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise KubeconfigError(f"the kubeconfig is no YAML: {error}") from error
    if not isinstance(config, dict) or not config.get("clusters"):
        raise KubeconfigError("the kubeconfig names no cluster")
    return config


def read_access(config, context, folder):
    """
    Find how to speak to a context's cluster; the current one when `context` is empty.

    Raises:
        KubeconfigError: a name leads nowhere, or a command for a token fails.
    """
    name = context or config.get("current-context") or ""
    chosen = _find(config, "contexts", name)["context"]
    cluster = _find(config, "clusters", chosen.get("cluster", ""))["cluster"]
    user = _find(config, "users", chosen.get("user", ""))["user"] or {}
    return Access(
        cluster["server"].rstrip("/"),
        _build_tls(cluster, user, folder),
        _build_headers(user),
        chosen.get("namespace", ""),
    )


def find_server(config, context):
    """Give the URL of a context's cluster."""
    name = context or config.get("current-context") or ""
    chosen = _find(config, "contexts", name)["context"]
    return _find(config, "clusters", chosen.get("cluster", ""))["cluster"]["server"]


def _find(config, kind, name) -> dict[str, Any]:
    for item in config.get(kind) or ():
        if item["name"] == name:
            return item
    raise KubeconfigError(f"the kubeconfig has no {name!r} among its {kind}")


def _build_tls(cluster, user, folder):
    authority = _read_data(cluster, "certificate-authority")
    if authority is None and not cluster.get("insecure-skip-tls-verify"):
        tls = ssl.create_default_context()
    else:
        tls = ssl.create_default_context(cadata=authority) if authority else _trust_all()
    certificate, key = (_read_data(user, f"client-{part}") for part in ("certificate", "key"))
    if certificate and key:
        path = folder / "client.pem"
        path.touch(0o600)
        path.write_text(f"{certificate}\n{key}")
        tls.load_cert_chain(path)
    return tls


def _trust_all():
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    return tls


def _read_data(values, name):
    if values.get(f"{name}-data"):
        return base64.b64decode(values[f"{name}-data"]).decode()
    return Path(values[name]).read_text() if values.get(name) else None


def _build_headers(user):
    token = user.get("token")
    if user.get("tokenFile"):
        token = Path(user["tokenFile"]).read_text().strip()
    if user.get("exec"):
        token = _ask_command(user["exec"])
    return {"Authorization": f"Bearer {token}"} if token else {}


def _ask_command(asked):
    command = [asked["command"], *(asked.get("args") or ())]
    extra = {item["name"]: item["value"] for item in asked.get("env") or ()}
    try:
        answer = subprocess.run(
            command, env={**os.environ, **extra}, capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise KubeconfigError(f"there is no {command[0]} on PATH, which gives the token") from None
    except subprocess.CalledProcessError as error:
        raise KubeconfigError(f"{command[0]} gives no token: {error.stderr.strip()}") from error
    return json.loads(answer.stdout)["status"].get("token")
