import pytest

from meta_prefect.engine.state.config import (
    ProjectFile,
    StackFile,
    open_config,
    read_project,
    read_stack_file,
    write_salt,
)
from meta_prefect.engine.state.disk import Disk
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.engine import ConfigValue

PROJECT = """
name: conf
runtime: python
main: infra
backend: {url: "file://state"}
config:
  size: 3
  region: {type: string, default: eu}
  aws:profile: {value: me}
  required: {type: string}
"""
STACK = """\
# who reads this
encryptionsalt: v1:old
config:
  plain: x  # a comment
  aws:config:region: eu
  number: 3
  flag: true
  day: 2024-01-01
  secret:
    secure: v1:cipher
  nested:
    list: [1, {secure: v1:deep}]
"""


def test_project_file_is_read(tmp_path):
    """Name, program, backend and the values that stacks inherit are read."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)

    assert read_project(tmp_path) == ProjectFile(
        name="conf",
        runtime="python",
        main="infra",
        backend="file://state",
        config={"conf:size": 3, "conf:region": "eu", "aws:profile": "me"},
    )


def test_missing_files_are_no_error(tmp_path):
    """A folder without Pulumi's files has neither project nor configuration."""
    assert read_project(tmp_path) is None
    assert read_stack_file(tmp_path, "conf", "dev") == StackFile()


def test_config_is_opened_as_programs_get_it(tmp_path):
    """Keys have namespaces, values are text, and one secret part makes a value secret."""
    (tmp_path / "Pulumi.dev.yml").write_text(STACK)
    file = read_stack_file(tmp_path, "conf", "dev")

    found = open_config(file.config, lambda text: f"clear {text}")

    assert file.salt == "v1:old"
    assert found == {
        "conf:plain": ConfigValue("x"),
        "aws:region": ConfigValue("eu"),
        "conf:number": ConfigValue("3"),
        "conf:flag": ConfigValue("true"),
        "conf:day": ConfigValue("2024-01-01"),
        "conf:secret": ConfigValue("clear v1:cipher", secret=True),
        "conf:nested": ConfigValue('{"list":[1,"clear v1:deep"]}', secret=True),
    }


def test_salt_is_written_and_all_else_kept(tmp_path):
    """Writing a salt changes its line alone, or adds one."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(STACK)

    write_salt(tmp_path, "dev", "v1:new\\1", Disk())
    write_salt(tmp_path, "prod", "v1:x", Disk())

    assert path.read_text() == STACK.replace("v1:old", "v1:new\\1")
    assert (tmp_path / "Pulumi.prod.yaml").read_text() == "encryptionsalt: v1:x\n"


@pytest.mark.parametrize("text", ["a: [", "- a", "runtime: python", "\x00"])
def test_broken_project_file_is_named(tmp_path, text):
    """What cannot be read is refused with the file's name."""
    (tmp_path / "Pulumi.yaml").write_text(text)

    with pytest.raises(MetaPrefectError) as found:
        read_project(tmp_path)

    assert found.value.diagnostic.code == "MP1401"
    assert found.value.diagnostic.where.endswith("Pulumi.yaml")
