"""A deployer written from the README alone, in a package of its own beside ours."""

import re
from pathlib import Path

import pytest

from tests.support.by_hand import connect
from tests.support.command import CommandLine
from tests.support.processes import end_processes
from tests.support.wheels import install_package

pytestmark = pytest.mark.e2e

README = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
(DEPLOYER,) = (
    block
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    if "class team_deployer" in block
)
OWN_RECORD = '''
from dataclasses import dataclass

from meta_prefect.interfaces.catalogue import Entry, register


@dataclass(frozen=True, slots=True)
class Setting:
    name: str


def declare_setting(record, shared):
    import pulumi
    from meta_prefect.provider import sdk

    return sdk.Variable(
        f"setting/{record.name}",
        name=record.name,
        value="on",
        opts=pulumi.ResourceOptions(provider=shared.surroundings.prefect),
    )


register(Setting, Entry(lambda record: f"setting/{record.name}", declare_setting))


class with_setting(FlowBuilderInterface):
    """Switch the team's setting on: `@with_setting()`."""

    requires = frozenset({Setting("own_deployer_test")})
'''
FLOWS = """
from prefect import flow
from team_deployers import team_deployer, with_setting

team_flow = with_setting()(team_deployer(limit=1))(flow)


@team_flow
def weekly(x: int = 1) -> int:
    return x + 1
"""


@pytest.fixture
def command(tmp_path, prefect_server):
    """A project whose environment has the team's package installed."""
    site = install_package(tmp_path, "team_deployers", {"__init__.py": DEPLOYER + OWN_RECORD})
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "flows.py").write_text(FLOWS)
    environment = {"PREFECT_API_URL": prefect_server.url, "PYTHONPATH": str(site)}
    command = CommandLine(folder, tmp_path / "home", environment)
    yield command
    command.run("destroy", "--all", "--yes")
    end_processes(folder)


def test_the_command_line_knows_it_as_one_of_ours(command, prefect_server):
    """It is explained, found, previewed, brought up, run by its worker, and taken away."""
    explained = command.succeed("explain", "team_deployers.with_setting")
    listed = command.succeed("ls", "--json").document["flows"]
    before = command.succeed("preview", "weekly", "--json").document
    command.succeed("up", "weekly", "--yes")
    with connect(prefect_server.url) as client:
        row = client.get("/deployments/name/weekly/dev").json()
        setting = client.get("/variables/name/own_deployer_test").json()
    answer = command.succeed("run", "weekly", "-p", "x=2")
    again = command.succeed("up", "weekly", "--yes", "--expect-no-changes", "--json").document
    command.succeed("destroy", "weekly", "--yes")
    with connect(prefect_server.url) as client:
        gone = client.get("/variables/name/own_deployer_test")

    assert "Switch the team's setting on" in explained.stdout
    assert [flow["name"] for flow in listed] == ["weekly"]
    assert before["counts"]["create"] > 0
    assert (row["tags"], row["work_pool_name"]) == (["team"], "reports-dev-team")
    assert setting["value"] == "on"
    assert answer.stdout.strip() == "3"
    assert (again["result"], gone.status_code) == ("no-changes", 404)
