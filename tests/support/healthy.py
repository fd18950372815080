"""A program that says that it is well, in the place of the images of a reference stack."""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.support.kubernetes.images import Image

ROOT = Path(__file__).parents[2]


class _Well(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args): ...


def build_healthy_image(asked, real, commands=None):
    """
    Make an image that answers probes of the port `asked`, whatever its arguments are.

    commands: folder with others that its probes run.
    """
    command = (sys.executable, "-m", "tests.support.healthy", str(real))
    environment = {"PYTHONPATH": str(ROOT), "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}
    return Image(command, environment, {asked: real})


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), _Well).serve_forever()
