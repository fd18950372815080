"""Provider plugins as files: executables in folders, archives, and a published place for them."""

import io
import sys
import tarfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from meta_prefect.engine.embedded.plugin_download import build_platform

ROOT = Path(__file__).parents[3]


def build_script(module="plugin_main", **variables):
    """Write the text of an executable that runs a plugin of this package with some variables."""
    lines = ["#!/bin/sh", f"export PYTHONPATH='{ROOT}'"]
    lines += [f"export {key}='{value}'" for key, value in variables.items()]
    return "\n".join(
        [*lines, f"exec '{sys.executable}' -m tests.support.plugins.{module} \"$@\"\n"]
    )


def write_plugin(folder, name="test", **options):
    """Put a plugin's executable into a folder; the options are those of its script."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"pulumi-resource-{name}"
    path.write_text(build_script(**options))
    path.chmod(0o755)
    return path


def write_archive(folder, name, version, text, file=None):
    """Publish a plugin's archive in a folder; gives its path."""
    path = folder / f"pulumi-resource-{name}-v{version}-{build_platform()}.tar.gz"
    content = text.encode()
    with tarfile.open(path, "w:gz") as packed:
        member = tarfile.TarInfo(file or f"pulumi-resource-{name}")
        member.size, member.mode = len(content), 0o755
        packed.addfile(member, io.BytesIO(content))
    return path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args): ...


@contextmanager
def publishing(folder):
    """Serve a folder on loopback; gives its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
