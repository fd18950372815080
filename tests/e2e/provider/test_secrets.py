"""Whole lives of stacks with secrets: nowhere is a plain text of them but in Prefect itself."""

import base64
import json
import threading
from pathlib import Path

import psutil
import pytest

from tests.support.command import CommandLine

pytestmark = pytest.mark.e2e

PROGRAM = Path(__file__).parents[2] / "cases" / "secret_program.py"
NAMES = (
    "header",
    "overlay",
    "block",
    "variable",
    "job_variable",
    "parameter",
    "step",
    "schedule",
    "output",
)


class Watcher:
    """
    Looks at what the processes below this one are started with, while commands run.

    seen: command lines and environments.
    """

    def __init__(self):
        self.seen = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *failure):
        self._ended.set()
        self._thread.join()

    def _watch(self):
        while not self._ended.wait(0.05):
            for process in psutil.Process().children(recursive=True):
                try:
                    self.seen.add("\0".join(process.cmdline()))
                    self.seen.add(json.dumps(process.environ(), sort_keys=True))
                except psutil.Error:
                    continue  # it has ended, or is about to


class Life:
    """One project, its secrets, and all that its commands said."""

    def __init__(self, folder, api_url):
        self.secrets = {name: f"hush-{name}-4711".replace("_", "-") for name in NAMES}
        self.ever = set(self.secrets.values())
        self.said = []
        self._file = folder / "secrets.json"
        self._write()
        project = folder / "project"
        (project / "program").mkdir(parents=True)
        (project / "program" / "Pulumi.yaml").write_text("name: secrets\nruntime: python\n")
        (project / "program" / "__main__.py").write_text(PROGRAM.read_text())
        (project / "pyproject.toml").write_text('[project]\nname = "team"\nversion = "1"\n')
        variables = {"SECRETS_FILE": str(self._file), "SECRETS_API_URL": api_url}
        self.command = CommandLine(project, folder / "home", variables)
        self.folders = (project, folder / "home")

    def change(self, **values):
        """Change secrets."""
        self.secrets |= values
        self.ever |= set(values.values())
        self._write()

    def run(self, *words):
        """Run a command and keep what it says."""
        answer = self.command.run(*words, "--program", "program")
        self.said += [answer.stdout, answer.stderr]
        return answer

    def succeed(self, *words):
        """Run a command that must succeed."""
        answer = self.run(*words)
        assert answer.code == 0, answer.stderr
        return answer

    def find_leaks(self, texts):
        """Name what holds a secret in clear, or as base64."""
        forms = [
            form
            for text in self.ever
            for form in (text, base64.b64encode(text.encode()).decode().rstrip("="))
        ]
        return [name for name, text in texts if any(form in text for form in forms)]

    @property
    def files(self):
        """Every file that was written, with its path."""
        paths = [path for folder in self.folders for path in folder.rglob("*") if path.is_file()]
        return [(str(path), path.read_bytes().decode("latin-1")) for path in paths]

    def _write(self):
        self._file.write_text(json.dumps(self.secrets))


@pytest.fixture
def life(prefect_server, tmp_path):
    """A project that is taken away again."""
    life = Life(tmp_path, prefect_server.url)
    yield life
    life.run("destroy", "--all", "--yes")


def test_no_secret_is_anywhere_in_clear(life):
    """From up to destroy, in every view: state, history, logs, events, children hold no secret."""
    with Watcher() as watcher:
        life.succeed("preview", "--full")
        life.succeed("up", "--yes", "--debug", "-vv", "--json-file", "first.json")
        life.succeed("show", "--full")
        life.succeed("show", "--json")
        life.change(job_variable="hush-changed-0815", block="hush-changed-0816")
        life.succeed("diff", "--full")
        life.succeed("up", "--yes", "--json", "--stream", "--summary-file", "summary.md")
        life.succeed("refresh", "--yes", "--debug", "--json-file", "refresh.json")
        life.succeed("up", "--yes", "--plain", "--expect-no-changes")
        life.succeed("history", "--json")
        life.succeed("state", "export", "--file", "state.json")
        life.succeed("destroy", "--all", "--yes", "--json", "--stream")

    assert life.find_leaks(life.files) == []
    assert life.find_leaks(enumerate(life.said)) == []
    assert life.find_leaks((text[:60], text) for text in watcher.seen) == []
    assert any("told to everybody" in text for text in life.said)
    assert len(watcher.seen) > 10


def test_refusal_of_a_secret_tells_nothing(life):
    """A server that refuses a secret value repeats it; what is shown and kept does not."""
    life.succeed("up", "--yes")
    life.change(job_variables=json.dumps({"stream_output": "hush-not-a-boolean"}))
    life.ever.add("hush-not-a-boolean")
    life.ever -= {life.secrets["job_variables"]}

    refused = life.run("up", "--yes", "--debug")

    assert refused.code != 0
    assert "[secret]" in refused.stderr
    assert life.find_leaks(life.files) == []
    assert life.find_leaks(enumerate(life.said)) == []
