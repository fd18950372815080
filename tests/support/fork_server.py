"""
A server that forks children which may be killed, with all that takes time to import in place.

Started as a process: a job on each line of its input, an answer on each line of its output.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback

from tests.support.kill_jobs import JOBS


class ForkServer:
    """The client's side; does one job at a time."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, work, **job):
        """Do a job in a child of its own; says whether it was killed; failing is an error."""
        self._process.stdin.write(json.dumps({"work": work, **job}) + "\n")
        self._process.stdin.flush()
        status = json.loads(self._process.stdout.readline())
        if os.WIFSIGNALED(status):
            return os.WTERMSIG(status) == signal.SIGKILL
        assert status == 0, f"{work} failed in {job}"
        return False

    def close(self):
        """Let the server end."""
        self._process.stdin.close()
        self._process.wait(10)


def serve():
    """Do jobs until the input ends."""
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _do(job)
        if "seconds" in job:
            time.sleep(job["seconds"])
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)  # noqa: T201 - the answer


def _do(job):
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)  # programs may print, the answer is the parent's
    try:
        JOBS[job["work"]](job)
    except BaseException:  # noqa: BLE001 - the child ends here, whatever happens
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    serve()
