"""Where settings come from."""

import pytest

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.settings import read_settings


@pytest.fixture
def project(tmp_path):
    """A project folder with a `pyproject.toml` of its own."""
    root = tmp_path / "etl"
    (root / "flows").mkdir(parents=True)
    (root / "pyproject.toml").write_text(
        '[project]\nname = "the etl"\n[tool.meta_prefect]\nstack = "from-file"\nexclude = ["old"]\n'
    )
    return root


def test_the_project_is_found_from_a_folder_below(project):
    """The root is the folder with the project's file; its name becomes the project's."""
    settings = read_settings(project / "flows", {}, {})

    assert settings.root == project
    assert settings.project == "the-etl"
    assert settings.excludes == ("old",)


def test_flags_win_over_environment_over_file_over_default(project):
    """Each value knows where it comes from."""
    environment = {"META_PREFECT_STACK": "from-env"}

    by_flag = read_settings(project, {"stack": "flag"}, environment).values["stack"]
    by_environment = read_settings(project, {"stack": None}, environment).values["stack"]
    by_file = read_settings(project, {}, {}).values["stack"]
    by_default = read_settings(project, {}, {}).values["engine"]

    assert (by_flag.value, by_flag.source) == ("flag", "--stack")
    assert (by_environment.value, by_environment.source) == ("from-env", "META_PREFECT_STACK")
    assert (by_file.value, by_file.source) == ("from-file", "pyproject.toml")
    assert (by_default.value, by_default.source) == ("auto", "default")


def test_state_lies_in_the_project_unless_pulumi_says_otherwise(project):
    """Pulumi's own variable moves the state."""
    own = read_settings(project, {}, {})
    moved = read_settings(project, {}, {"PULUMI_BACKEND_URL": "file:///elsewhere"})

    assert own.backend_url == (project / ".meta_prefect" / "state").as_uri()
    assert own.state_is_local
    assert moved.backend_url == "file:///elsewhere"
    assert not moved.state_is_local


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ({"engine": "fast"}, "MP1003"),
        ({"stack": "a/b"}, "MP1004"),
        ({"backend": "/srv/state"}, "MP1007"),
    ],
)
def test_a_bad_value_is_refused(project, flags, code):
    """A value that is not allowed ends in a usage error that names its source."""
    with pytest.raises(MetaPrefectError) as caught:
        read_settings(project, flags, {})

    assert caught.value.diagnostic.code == code
    assert caught.value.diagnostic.where == f"--{next(iter(flags))}"
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_broken_file_and_a_missing_folder_are_named(project):
    """Both are usage errors with a place."""
    (project / "pyproject.toml").write_text("[tool")

    with pytest.raises(MetaPrefectError, match="MP1002"):
        read_settings(project, {}, {})
    with pytest.raises(MetaPrefectError, match="MP1001"):
        read_settings(project / "nothing", {}, {})


def test_an_unknown_key_is_a_warning(project):
    """A misspelt setting is not passed over silently."""
    (project / "pyproject.toml").write_text('[tool.meta_prefect]\nstak = "x"\n')

    assert "stak" in read_settings(project, {}, {}).warnings[0]
