"""Finding flows by their syntax."""

import textwrap

import pytest

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.discovery import discover_flows


@pytest.fixture
def project(tmp_path):
    """Give a function that writes files and looks for flows in them."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), "utf-8")
        return discover_flows(tmp_path)

    return write


def names(discovery):
    return [site.name for site in discovery.sites]


@pytest.mark.parametrize(
    "text",
    [
        "from prefect import flow\n@flow\ndef f(): ...",
        "from prefect import flow as job\n@job(name='f', retries=2)\ndef f(): ...",
        "import prefect\n@prefect.flow\nasync def f(): ...",
        "import prefect as p\n@p.flow(log_prints=True)\ndef f(): ...",
        "from prefect import flow\ndef g(): ...\nf = flow(g)",
        "from prefect import flow\nf = flow(name='f')(lambda: None)",
        "from prefect import flow\nfrom x import d\nlocal = d()(flow)\n@local\ndef f(): ...",
        "from prefect import flow\nfrom x import d\nflow = d()(flow)\n@flow\ndef f(): ...",
        "from prefect import flow\nfrom x import d\nflow = d()(d()(flow))\n@flow\ndef f(): ...",
        "from functools import partial as p\nfrom prefect import flow\n@p(flow)\ndef f(): ...",
        "import functools\nimport prefect\np = functools.partial(prefect.flow)\n@p\ndef f(): ...",
        "try:\n    from prefect import flow\nexcept ImportError:\n    raise\n@flow\ndef f(): ...",
        "from prefect import flow\nif True:\n    @flow\n    def f(): ...",
    ],
)
def test_a_flow_is_seen_however_it_is_written(project, text):
    """Decorators, calls, wrapped and renamed decorators all make a flow."""
    assert names(project(file=text)) == ["f"]


@pytest.mark.parametrize(
    "text",
    [
        "from prefect import task\n@task\ndef f(): ...",
        "def f(): ...",
        "import functools\n@functools.cache\ndef f(): ...",
        "from prefect import flow\n@flow\ndef g(): ...\nresult = g(1)\nprint(g)",
        "from prefect import flow\nif __name__ == '__main__':\n    @flow\n    def f(): ...",
        "from prefect import flow\ndef make():\n    @flow\n    def f(): ...",
        "from elsewhere import flow\n@flow\ndef f(): ...",
    ],
)
def test_nothing_else_is_a_flow(project, text):
    """Tasks, plain functions, results of flows and flows made inside functions are none."""
    assert set(names(project(file=text))) <= {"g"}


def test_a_decorator_is_followed_through_the_project(project):
    """A team's decorator in another module is known for what it is, also after renaming."""
    found = project(
        **{
            "team/deployers": "from prefect import flow\nfrom x import d\ndaily = d()(flow)",
            "team/__init__": "from .deployers import daily as every_day",
            "flows/one": "from team import every_day\n@every_day\ndef one(): ...",
            "flows/two": "import team.deployers as td\n@td.daily(name='Two')\ndef two(): ...",
        }
    )

    assert names(found) == ["one", "two"]


def test_names_follow_prefect(project):
    """A flow is found by its name in the file, by Prefect's default and by a given name."""
    found = project(
        file="""
        from prefect import flow

        @flow
        def my_flow(): ...

        @flow(name="Second One")
        def other(): ...

        class Jobs:
            @flow
            def nightly(self): ...
        """
    )

    assert [found.find(name).name for name in ("my_flow", "my-flow")] == ["my_flow"] * 2
    assert found.find("Second One").name == "other"
    assert found.find("nightly").name == "Jobs.nightly"


def test_a_copy_is_a_flow_of_its_own(project):
    """`with_options` at the top of a file makes another flow; a second name does not."""
    text = "from prefect import flow\n@flow\ndef f(): ...\ng = f.with_options(name='G')\nh = f"

    assert [(site.name, site.flow_name) for site in project(file=text).sites] == [
        ("f", "f"),
        ("g", "G"),
    ]


def test_a_copy_of_a_flow_has_its_name_in_prefect(project):
    """`with_options` without a name leaves the one that the copied flow has."""
    text = "from prefect import flow\n@flow(name='F')\ndef f(): ...\ng = f.with_options(retries=1)"

    assert [site.flow_name for site in project(file=text).sites] == ["F", "F"]


def test_two_candidates_are_an_error_that_names_both(project):
    """An ambiguous name gives both places, and the file in front of the name decides."""
    text = "from prefect import flow\n@flow\ndef f(): ...\n"
    found = project(a=text, b=text)

    with pytest.raises(MetaPrefectError) as caught:
        found.find("f")

    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.diagnostic.where == "a.py line 3, b.py line 3"
    assert found.find("b.py:f").file == "b.py"


def test_a_missing_flow_gets_a_suggestion(project):
    """A name that is nearly right is answered with the right one."""
    found = project(file="from prefect import flow\n@flow\ndef nightly_etl(): ...")

    with pytest.raises(MetaPrefectError) as caught:
        found.find("nightly_elt")

    assert caught.value.exit_code is ExitCode.NOT_FOUND
    assert "nightly_etl" in caught.value.diagnostic.why


def test_a_broken_file_is_named_only_when_the_flow_is_missing(project):
    """A syntax error elsewhere does not stand in the way of a flow that is there."""
    found = project(
        good="from prefect import flow\n@flow\ndef f(): ...",
        bad="def g(:  # a flow\n",
        old="print 1",
    )

    with pytest.raises(MetaPrefectError) as caught:
        found.find("g")

    assert found.find("f").file == "good.py"
    assert caught.value.diagnostic.code == "MP1105"
    assert caught.value.diagnostic.where == "bad.py line 1"
    assert len(found.broken) == 1


def test_environments_and_hidden_folders_are_left_out(project, tmp_path):
    """What is installed or generated is not searched."""
    text = "from prefect import flow\n@flow\ndef f(): ..."
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "pyvenv.cfg").touch()

    found = project(**dict.fromkeys(["env/lib", "build/x", "node_modules/y", "mine"], text))

    assert [site.file for site in found.sites] == ["mine.py"]


def test_nothing_is_run(project):
    """A file that would fail on import is read all the same."""
    found = project(file="raise SystemExit\nfrom prefect import flow\n@flow\ndef f(): ...")

    assert names(found) == ["f"]
