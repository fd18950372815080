"""
What Docker's command talks to, without containers: takes contexts and images, and notes them.

Speaks as much of the Docker Engine API (1.48, docs.docker.com/reference/api/engine) as `build`,
`push` and `login` ask for. The command itself is the real one.
"""

from __future__ import annotations

import io
import json
import tarfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Daemon:
    """
    A daemon that listens.

    url: for `DOCKER_HOST`.
    builds: options of builds, with the files of their contexts under `files`.
    pushes, logins: what was pushed, and who logged in where.
    failure: what a build says when it fails; empty: it does not.
    """

    url: str = ""
    builds: list = field(default_factory=list)
    pushes: list = field(default_factory=list)
    logins: list = field(default_factory=list)
    failure: str = ""

    def build(self, path, query, body):
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            files = {item.name: archive.extractfile(item) for item in archive if item.isfile()}
            self.builds.append({**query, "files": {n: f.read() for n, f in files.items()}})
        answer = [{"stream": "Step 1/1 : FROM x\n"}]
        if self.failure:
            answer.append({"error": self.failure, "errorDetail": {"message": self.failure}})
        return answer

    def push(self, path, query, body):
        self.pushes.append((path.removeprefix("/images/").removesuffix("/push"), query["tag"]))
        return [{"status": "pushed"}]

    def login(self, path, query, body):
        self.logins.append(json.loads(body))
        return [{"Status": "Login Succeeded"}]


def _build_handler(daemon):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self):
            self._answer(b"")

        def do_GET(self):
            self._answer(b"OK" if self.path.endswith("/_ping") else b"{}")

        def do_POST(self):
            parts = urlsplit(self.path)
            path = "/" + parts.path.lstrip("/").partition("/")[2]
            query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
            last = {"build": daemon.build, "push": daemon.push, "auth": daemon.login}
            lines = last[path.rpartition("/")[2]](path, query, self._read())
            self._answer("\n".join(map(json.dumps, lines)).encode())

        def _read(self):
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def _answer(self, body):
            self.send_response(200)
            self.send_header("Api-Version", "1.48")
            self.send_header("Ostype", "linux")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_): ...

    return Handler


@contextmanager
def run_daemon():
    """Run a daemon on loopback, on a port that the kernel chooses."""
    daemon = Daemon()
    with ThreadingHTTPServer(("127.0.0.1", 0), _build_handler(daemon)) as server:
        daemon.url = f"tcp://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield daemon
        server.shutdown()
        thread.join()
