"""
The executable with Kubernetes in it: built once from `tests/support/kube`, then found in a cache.

The cache is the user's, keyed by the sources and the Go version, so another checkout finds it too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "kube"
_FILES = ("go.mod", "go.sum", "main.go")
_USUAL_GO = Path("/usr/local/go/bin/go")
_TELL_SECONDS = 30
_KUBERNETES = re.compile(r"k8s\.io/kubernetes v(?P<version>\S+)")


def find_go():
    """Give the path of Go; None where there is none."""
    found = shutil.which("go") or (_USUAL_GO if _USUAL_GO.exists() else None)
    return Path(found) if found else None


def find_binary(go):
    """Say where the executable is, or will be once it is built."""
    digest = hashlib.sha256(_read_version(go).encode())
    for name in _FILES:
        digest.update((SOURCES / name).read_bytes())
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "meta-prefect" / "kube" / digest.hexdigest()[:16] / "kube"


def _read_version(go):
    return subprocess.run([go, "version"], capture_output=True, text=True, check=True).stdout


def demand_binary(go):
    """
    Give the executable, building it when it is not there: ten minutes on two cores.

    Says on stderr that it is still building, so that nobody takes it for a hang.

    Raises:
        subprocess.CalledProcessError: it does not build; Go's own words are on stderr.
    """
    path = find_binary(go)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _build(go, path)
    return path


def _build(go, path):
    draft = path.with_suffix(".draft")
    command = [go, "build", "-p", "2", "-trimpath", f"-ldflags={_build_flags()}", "-o", draft, "."]
    environment = {**os.environ, "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local"}
    began = time.monotonic()
    with subprocess.Popen(command, cwd=SOURCES, env=environment) as process:
        while True:
            try:
                code = process.wait(_TELL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                seconds = time.monotonic() - began
                sys.stderr.write(f"building Kubernetes for tests: {seconds:.0f} s\n")
    if code:
        raise subprocess.CalledProcessError(code, command)
    draft.rename(path)


def _build_flags():
    """Strip what only debuggers need, and say the version, as Kubernetes' own builds do."""
    version = _KUBERNETES.search((SOURCES / "go.mod").read_text())["version"]
    major, minor, _ = version.split(".")
    values = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
    said = [f"-X k8s.io/component-base/version.{key}={value}" for key, value in values.items()]
    return " ".join(["-s -w", *said])
