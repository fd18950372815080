"""The smallest project, and a deployer for one flow."""

import tomllib

import pytest

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.project.beginning import plan_beginning
from meta_prefect.project.discovery import discover_flows
from meta_prefect.project.loading import FlowLoader
from meta_prefect.project.settings import read_settings


def plan(folder, flow=""):
    """Plan, write, and give the plan."""
    settings = read_settings(folder, {}, {})
    site = discover_flows(folder).find(flow) if flow else None
    planned = plan_beginning(settings, site)
    planned.write(folder)
    return planned


def test_an_empty_folder_becomes_a_project_that_can_be_brought_up(tmp_path):
    """A flow with a deployer, and the names of project and stack."""
    folder = tmp_path / "shop"
    folder.mkdir()

    planned = plan(folder)

    (site,) = discover_flows(folder).sites
    settings = read_settings(folder, {}, {})
    assert (planned.flow, site.name) == ("my_flow", "my_flow")
    assert FlowLoader(folder).load(site).plan("dev").spec.work_pool is not None
    assert (settings.project, settings.stack) == ("shop", "dev")
    assert settings.values["project"].source == "pyproject.toml"


def test_what_is_there_stays(tmp_path):
    """A table is added to a pyproject.toml once, and no flow beside others."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"')
    (tmp_path / "mine.py").write_text("from prefect import flow\n@flow\ndef mine(): ...\n")

    first, second = plan(tmp_path), plan(tmp_path)

    document = tomllib.loads((tmp_path / "pyproject.toml").read_text())
    assert (document["project"]["name"], document["tool"]["meta_prefect"]["project"]) == (
        "shop",
        "shop",
    )
    assert (first.flow, list(first.files), second.files) == ("mine", ["pyproject.toml"], {})


def test_a_flow_gets_a_deployer_once(tmp_path):
    """The decorator stands above it; a second time is refused."""
    (tmp_path / "mine.py").write_text("from prefect import flow\n@flow\ndef mine(): ...\n")

    plan(tmp_path, "mine")

    assert "@local_deployer()\n@flow\ndef mine" in (tmp_path / "mine.py").read_text()
    with pytest.raises(MetaPrefectError, match="MP1505"):
        plan(tmp_path, "mine")


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    """The error says which."""
    (tmp_path / "flows.py").mkdir()

    with pytest.raises(MetaPrefectError, match=r"MP1503 flows\.py"):
        plan(tmp_path)
