"""Running a Pulumi program of a team's own, without flows."""

import pytest

from meta_prefect.engine.state.secrets import PassphraseSecrets
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import OperationKind, Outcome
from meta_prefect.project.listings import Fact
from meta_prefect.project.operations import OperationOptions, Selection
from meta_prefect.project.pulumi_folder import open_pulumi_folder, read_folder_settings
from meta_prefect.project.wiring import build_project

PROGRAM = """
import pulumi

import helper

config = pulumi.Config()
pulumi.export("greeting", f"{config.require('greeting')} {config.require_int('times')}")
pulumi.export("token", config.require_secret("token"))
pulumi.export("helper", helper.VALUE)
"""


@pytest.fixture
def folder(tmp_path):
    """A program with configuration, one value of it secret, and a module beside it."""
    secrets = PassphraseSecrets.new(lambda: "pass")
    ciphertext = secrets.encrypt("s3cret")
    (tmp_path / "Pulumi.yaml").write_text(
        "name: team\nruntime:\n  name: python\nconfig:\n  greeting: hello\n"
    )
    (tmp_path / "Pulumi.dev.yaml").write_text(
        f"encryptionsalt: {secrets.salt}\nconfig:\n  team:times: 3\n"
        f"  team:token:\n    secure: {ciphertext}\n"
    )
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / "helper.py").write_text("VALUE = 1\n")
    return tmp_path


def build(folder):
    environment = {"PULUMI_CONFIG_PASSPHRASE": "pass"}
    return build_project(read_folder_settings(folder, {}, environment), environment)


def up(project):
    operation = project.prepare(OperationKind.UP, Selection(everything=True), OperationOptions())
    assert operation.preview(lambda _: None).outcome is Outcome.SUCCEEDED
    return operation.apply(lambda _: None)


def test_a_program_runs_with_its_stacks_configuration(folder):
    """Defaults, the stack's values and its secrets reach the program; secrets stay hidden."""
    project = build(folder)

    result = up(project)

    assert result.outcome is Outcome.SUCCEEDED
    assert project.settings.project == "team"
    assert project.facts() == (
        Fact("greeting", "hello 3"),
        Fact("helper", "1"),
        Fact("token", "[secret]"),
    )
    state = folder / ".meta_prefect" / "state" / ".pulumi" / "stacks" / "team" / "dev.json"
    assert "s3cret" not in state.read_text()


def test_a_programs_own_modules_are_run_each_time(folder):
    """A module beside the program is not kept from one operation to the next."""
    project = build(folder)
    up(project)
    (folder / "helper.py").write_text("VALUE = 22222\n")
    up(project)

    assert Fact("helper", "22222") in project.facts()


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("Pulumi.yaml", None, "no Pulumi.yaml"),
        ("Pulumi.yaml", "name: team\nruntime: nodejs\n", "nodejs"),
        ("__main__.py", None, "no __main__.py"),
    ],
)
def test_a_folder_that_cannot_be_run_says_why(folder, file, text, why):
    """Each reason is a usage error."""
    (folder / file).unlink()
    if text is not None:
        (folder / file).write_text(text)

    with pytest.raises(MetaPrefectError) as caught:
        open_pulumi_folder(folder)

    assert caught.value.exit_code is ExitCode.USAGE
    assert why in caught.value.diagnostic.why
