"""
An interpreter that only pretends to have Prefect: its server and worker start within milliseconds.

Everything but Prefect goes to the real interpreter. What a start does besides is chosen by the
variable `PREFECT_FAKE`; every start leaves its environment and working folder as JSON in
PREFECT_HOME, under `server.json` or `worker.json`.
"""

import stat
import sys
from pathlib import Path

_SCRIPT = """#!{python}
import http.server, json, os, pathlib, signal, subprocess, sys, time

mode = os.environ.get("PREFECT_FAKE", "")


class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if mode == "never-ready":
            return self.send_error(503)
        body = b'"3.8.8"' if self.path.endswith("/admin/version") else b'{{"message": "OK"}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def fail(*lines):
    print(*lines, sep="\\n", flush=True)
    sys.exit(1)


def serve(host, port):
    match mode:
        case "port-taken":
            fail(f"Port {{port}} is already in use. Please specify a different port with the")
        case "new-fastapi":
            fail("TypeError: Body() got an unexpected keyword argument 'min_items'")
        case "riddle":
            fail("first line", "nobody knows this one")
    http.server.HTTPServer((host, port), Api).serve_forever()


def work():
    if mode == "riddle":
        fail("nobody knows this one")
    time.sleep(600)


runs_prefect = sys.argv[1:3] == ["-m", "prefect"] or "run_module('prefect'" in sys.argv[2]
if not runs_prefect:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
kind = sys.argv[4]
if kind == "worker" and mode == "busy":
    run = "import time; time.sleep(60)"
    subprocess.Popen([sys.executable, "-c", run], start_new_session=True)
note = {{"environment": dict(os.environ), "folder": os.getcwd(), "arguments": sys.argv[4:]}}
pathlib.Path(os.environ["PREFECT_HOME"], kind + ".json").write_text(json.dumps(note))
if kind == "server":
    serve(sys.argv[sys.argv.index("--host") + 1], int(sys.argv[sys.argv.index("--port") + 1]))
else:
    work()
"""


def write_fake_python(folder: Path) -> str:
    """Write the interpreter into a folder; gives its path."""
    path = folder / "python"
    path.write_text(_SCRIPT.format(python=sys.executable))
    path.chmod(stat.S_IRWXU)
    return str(path)
