"""
A stand-in for the `pulumi` executable: NOT Pulumi, and no proof of how Pulumi behaves.

It writes down how it was called, then plays back an answer that the test wrote for it: lines for
the event log, texts for stdout and stderr, an exit code. Tests use it to prove what *our* side
sends and how it takes the answers; what the real one does is recorded in `tests/cases/conformance`.

    stand_in = StandIn(tmp_path)                    # makes bin/pulumi
    stand_in.answer("up", events=[...], exit_code=255, stderr="error: ...")
    stand_in.calls                                # how it was called, in order

Answers to one command are given in the order they were written, the last one again and again.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

VERSION = "v3.272.0"
_SHOWN = ("PULUMI_", "AWS_")
_LONGEST_SECONDS = 30


@dataclass(frozen=True)
class Call:
    """
    How it was called.

    command: the words before the first flag.
    files: of the working folder, by name.
    state: what is in the folder for state, if it is one.
    leads: it is the first of a process group of its own.
    """

    command: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str
    files: dict[str, str]
    state: list[str]
    stdin: str
    signals: list[str]
    leads: bool

    def values(self, flag):
        """Give what follows a flag, each time it was given."""
        pairs = zip(self.arguments, self.arguments[1:], strict=False)
        return [value for name, value in pairs if name == flag]


class StandIn:
    """The test's side: writes answers, reads calls."""

    def __init__(self, folder: Path):
        self.bin = folder / "bin"
        self.bin.mkdir()
        self._state = folder / "stand-in"
        self._state.mkdir()
        self.path = str(self.bin / "pulumi")
        script = f"#!{sys.executable} -S\nimport sys\nsys.argv[0] = {str(self._state)!r}\n"
        script += f"exec(compile(open({__file__!r}).read(), {__file__!r}, 'exec'))\n"
        Path(self.path).write_text(script)
        Path(self.path).chmod(0o755)
        self.answer("version", stdout=VERSION)

    def answer(self, command, **fields):
        """
        Add an answer to a command.

        fields: events (objects), stdout, stderr, exit_code; `waits`: signals to wait for before the
            end, `stubborn`: does not end at all, `dies`: of a signal that nobody can catch.
        """
        path = self._state / f"{command.replace(' ', '-')}.json"
        answers = json.loads(path.read_text()) if path.exists() else []
        path.write_text(json.dumps([*answers, fields]))

    @property
    def calls(self):
        """How it was called, the questions for its version left out."""
        path = self._state / "calls.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        found = [Call(**json.loads(line)) for line in lines]
        return [call for call in found if call.command != "version"]

    def has_begun(self, command):
        """Say whether a call of a command got as far as waiting."""
        return (self._state / f"{command.replace(' ', '-')}.began").exists()

    @property
    def commands(self):
        """The commands it was called with."""
        return [call.command for call in self.calls]


def find_command(arguments):
    """Give the words of a command line before its first flag; at most two are a command."""
    words = []
    for argument in arguments:
        if argument.startswith("-"):
            break
        words.append(argument)
    return " ".join(words[: 2 if words[:1] in (["stack"], ["config"]) else 1])


def find_answer(state, command):
    """Give the next answer to a command, and remember that it was given."""
    path = state / f"{command.replace(' ', '-')}.json"
    if not path.exists():
        return {"stderr": f"error: the stand-in has no answer to {command!r}", "exit_code": 1}
    answers = json.loads(path.read_text())
    if len(answers) > 1:
        path.write_text(json.dumps(answers[1:]))
    return answers[0]


def list_state(url):
    """Give what lies in a folder for state, sorted; nothing for one that is no folder."""
    root = Path(url.removeprefix("file://")) / ".pulumi"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def wait(answer, got):
    """Wait for the signals of an answer, but not for ever: a test may have died."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    while len(got) < answer.get("waits", 0) or answer.get("stubborn"):
        if time.monotonic() > deadline:
            sys.exit("nobody interrupted the stand-in")
        time.sleep(0.01)


def main():
    """Be `pulumi`, for one call."""
    state, arguments = Path(sys.argv[0]), sys.argv[1:]
    got = []
    signal.signal(signal.SIGINT, lambda number, _: got.append(signal.Signals(number).name))
    command = find_command(arguments)
    answer = find_answer(state, command)
    files = {path.name: path.read_text() for path in Path().glob("Pulumi*")}
    stdin = sys.stdin.read() if command == "config set" else ""
    if "--event-log" in arguments:
        with Path(arguments[arguments.index("--event-log") + 1]).open("w") as log:
            log.writelines(json.dumps(event) + "\n" for event in answer.get("events", ()))
    (state / f"{command.replace(' ', '-')}.began").touch()
    wait(answer, got)
    call = {
        "command": command,
        "arguments": arguments,
        "environment": {k: v for k, v in os.environ.items() if k.startswith(_SHOWN)},
        "folder": str(Path.cwd()),
        "files": files,
        "state": list_state(os.environ.get("PULUMI_BACKEND_URL", "")),
        "stdin": stdin,
        "signals": got,
        "leads": os.getpgrp() == os.getpid(),
    }
    with (state / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    sys.stdout.write(answer.get("stdout", ""))
    sys.stderr.write(answer.get("stderr", ""))
    if answer.get("dies"):
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(answer.get("exit_code", 0))


if __name__ == "__main__":
    main()
