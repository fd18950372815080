"""
Servers that have in place all that takes time to import, and do jobs at once.

One forks a child for each job, which may be killed; one does its jobs itself. Started as processes:
a job on each line of the input, an answer on each line of the output. A process that has run an
operation had threads, and is none to fork: so there are two of them.
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


class JobServer:
    """The client's side; does one job at a time."""

    def __init__(self, *, forks=True):
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, "forks" if forks else "works"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, work, **job):
        """Do a job; says whether its process was killed; failing is an error."""
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


def serve(run):
    """Do jobs until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # programs may print
    for line in sys.stdin:
        print(run(json.loads(line)), file=answers, flush=True)


def run_in_child(job):
    """
    Do a job in a child, and give how that ended, as `waitpid` does.

    What is to be warm in every child is done here.
    """
    if job["work"] == "warm":
        return run_here(job)
    child = os.fork()
    if child == 0:
        os._exit(run_here(job))
    if "seconds" in job:
        time.sleep(job["seconds"])
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def run_here(job):
    """Do a job, and give 0 when nothing was raised."""
    try:
        JOBS[job["work"]](job)
    except BaseException:  # noqa: BLE001 - whatever it is, it is for the client to see
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "forks":
        gc.freeze()
        gc.disable()
        serve(run_in_child)
    else:
        serve(run_here)
