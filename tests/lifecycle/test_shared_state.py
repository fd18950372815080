"""
State that the Pulumi command line and the embedded engine share: locks, fence, history, secrets.

Nothing here runs without a `pulumi` on PATH.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pytest
from pulumi import automation

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench, Group
from tests.support.fork_server import JobServer
from tests.support.kill_jobs import Job, find_end
from tests.support.pulumi_cli import NEEDS_PULUMI
from tests.support.state import PROJECT, STACK

pytestmark = NEEDS_PULUMI
FEATURES = "needs support for the following features: metaPrefectJournal"


@dataclass
class CommandLine:
    """The executable in a project's folder, at the state in another one."""

    folder: Path
    state: Path
    passphrase: str = "pw"
    extra: str = ""

    def __post_init__(self):
        self.folder.mkdir(exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")

    @property
    def environment(self):
        settings = {
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_HOME": str(self.folder / "home"),
        }
        return settings | ({self.extra: "true"} if self.extra else {})

    def run(self, command, **options):
        """Give what a command says, and whether it succeeded."""
        done = subprocess.run(
            ["pulumi", *command.split(), "--non-interactive"],
            cwd=self.folder,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
            **options,
        )
        return done.returncode == 0, done.stdout + done.stderr

    def open_stack(self, program):
        """Give the stack for operations with a program."""
        settings = automation.ProjectSettings(
            name=PROJECT,
            runtime="python",
            backend=automation.ProjectBackend(url=f"file://{self.state}"),
        )
        options = automation.LocalWorkspaceOptions(
            env_vars=self.environment, project_settings=settings
        )
        return automation.create_or_select_stack(STACK, PROJECT, program, opts=options)


def program():
    Group("g")
    pulumi.export("secret", pulumi.Output.secret({"a": [1, "é\u2028"]}))


@pytest.fixture
def bench(tmp_path):
    return EmbeddedBench(tmp_path / "state")


@pytest.fixture
def line(tmp_path):
    (tmp_path / "state").mkdir()
    return CommandLine(tmp_path / "project", tmp_path / "state")


def test_our_lock_stops_the_command_line(bench, line):
    """While our operation runs, the command line names its process; afterwards it goes on."""
    said = []

    bench.up(program)

    def lock_out():
        said.append(line.run("destroy --yes --skip-preview --stack dev"))

    result = bench.up(lock_out)

    assert result.outcome is Outcome.SUCCEEDED
    succeeded, text = said[0]
    assert not succeeded
    assert f"(pid {os.getpid()})" in text
    assert line.run("stack export --stack dev")[0]


def test_lock_of_the_command_line_stops_us(bench, line):
    """While the command line works, our operation names its user and process."""
    reached, release = threading.Event(), threading.Event()

    def wait():
        reached.set()
        release.wait(60)

    stack = line.open_stack(wait)
    thread = threading.Thread(target=stack.up, daemon=True)
    thread.start()
    assert reached.wait(60)
    with pytest.raises(MetaPrefectError) as found:
        bench.up(program)
    (holder,) = bench.backend.list_lock_holders(STACK)
    release.set()
    thread.join(60)

    assert found.value.diagnostic.code == "MP4201"
    assert f"process {holder.pid}," in found.value.diagnostic.why
    assert bench.up(program).outcome is Outcome.SUCCEEDED


def test_killed_operation_keeps_the_command_line_off(tmp_path):
    """Behind the fence nothing of the command line runs, until our next operation has ended."""
    job = {"folder": str(tmp_path), "operation": "mixed", "size": 8, "findable": True}
    server = JobServer()
    server.run("operate", before=True, **job)
    killed = server.run("operate", last=80, **job)
    server.close()
    line = CommandLine(tmp_path / "project", tmp_path / "state")
    line.run("cancel --yes --stack dev")
    commands = ("stack export", "destroy --yes --skip-preview", "stack output", "refresh --yes")
    refused = [line.run(f"{command} --stack dev") for command in commands]
    unlocked = not list((tmp_path / "state/.pulumi/locks").rglob("*.json"))
    find_end(Job(job))

    assert killed
    assert unlocked
    assert [succeeded for succeeded, _ in refused] == [False] * len(commands)
    assert all(FEATURES in text for _, text in refused)
    assert line.run("stack export --stack dev")[0]


def test_history_is_one(bench, line):
    """Operations of both stand in one history, in both views of it."""
    line.open_stack(program).up(message="theirs")
    bench.up(lambda: None, message="ours")
    _, text = line.run("stack history --json --stack dev")

    assert [item["message"] for item in json.loads(text)] == ["ours", "theirs"]
    assert [item.message for item in bench.backend.read_history(STACK)] == ["ours", "theirs"]


def test_secrets_of_ours_are_read_by_the_command_line(bench, line):
    """A secret that we encrypted comes out with the passphrase, and with no other."""
    bench.up(program)
    _, text = line.run("stack output --json --show-secrets --stack dev")
    line.passphrase = "other"
    succeeded, refusal = line.run("stack output --json --show-secrets --stack dev")

    assert json.loads(text) == {"secret": {"a": [1, "é\u2028"]}}
    assert not succeeded
    assert "incorrect passphrase" in refusal


def test_secrets_of_the_command_line_are_read_by_us(bench, line):
    """A secret that the command line encrypted keeps its ciphertext when nothing changes."""
    line.open_stack(program).up()
    before = line.run("stack export --stack dev")[1]
    result = bench.up(program)

    assert result.outputs["secret"].value == {"a": [1, "é\u2028"]}
    assert result.outputs["secret"].secret
    assert line.run("stack export --stack dev")[1] == before


@pytest.mark.parametrize("compression", ["", "PULUMI_DIY_BACKEND_GZIP"])
def test_state_goes_back_and_forth(bench, line, compression):
    """Compressed or not, what one writes the other finds unchanged, again and again."""
    line.extra = compression
    for round in range(3):
        names = [f"g{number}" for number in range(round + 1)]

        def grow(names=names):
            for name in names:
                Group(name)

        assert bench.up(grow).outcome is Outcome.SUCCEEDED
        changes = line.open_stack(grow).up().summary.resource_changes
        again = bench.up(grow)

        assert set(changes) == {"same"}
        assert {op.value for op in again.changes} == {"same"}


def test_stale_attributes_beside_the_state(bench, line):
    """The command line reads a state whose hash beside it is of an older one."""
    line.open_stack(program).up()
    attributes = line.state / f".pulumi/stacks/{PROJECT}/{STACK}.json.attrs"
    old = attributes.read_bytes()
    bench.up(lambda: Group("other"))
    gone = not attributes.exists()
    attributes.write_bytes(old)

    assert gone
    assert line.run("stack export --stack dev")[0]
