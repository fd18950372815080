"""Operations whose providers are plugins: processes that are found, fetched, started and ended."""

import asyncio
import hashlib
import json
import os

import psutil
import pulumi
import pytest
from pulumi.runtime.proto import resource_pb2

from meta_prefect.engine.embedded.plugin_download import build_platform
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.interfaces.engine import ConfigValue, Outcome
from tests.support.embedded import EmbeddedBench
from tests.support.plugins.files import build_script, publishing, write_archive, write_plugin


class Thing(pulumi.CustomResource):
    """A resource of the plugin."""

    out: pulumi.Output[str]

    def __init__(self, name, opts=None, package="ext", **props):
        super().__init__(f"{package}:index:Thing", name, {**props, "out": None}, opts)


class Provider(pulumi.ProviderResource):
    """An explicit provider of the plugin."""

    def __init__(self, name, opts=None, **props):
        super().__init__("ext", name, props, opts)


@pytest.fixture
def bench(tmp_path):
    """A stack whose plugins are in `bin` of its folder, and that may fetch nothing."""
    place = PluginPlace(
        {**os.environ, "PATH": str(tmp_path / "bin"), "MINE": "yes"},
        tmp_path / "home",
        {},
        may_download=False,
    )
    return EmbeddedBench(tmp_path / "state", plugins=place)


def read_reports(path):
    """Give what plugins saw, one record for each thing that happened."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def is_alive(pid):
    """Say whether a process runs; one that only waits to be buried does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_plugin_on_path(bench, tmp_path):
    """A resource of a plugin on PATH is made, kept, changed and deleted by its process."""
    write_plugin(tmp_path / "bin", "ext")

    made = bench.up(lambda: pulumi.export("out", Thing("a", x=1).out))
    kept = bench.up(lambda: Thing("a", x=1))
    kept_steps = bench.steps
    deleted = bench.destroy()

    assert made.outputs["out"].value == "out-a-1"
    assert [result.outcome for result in (made, kept, deleted)] == [Outcome.SUCCEEDED] * 3
    assert kept_steps == [("same", "a")]
    assert bench.stored == {}


def test_what_a_plugin_gets_to_know(bench, tmp_path):
    """A plugin is told of its engine, the project, its configuration, and where it runs."""
    report = tmp_path / "report"
    path = write_plugin(tmp_path / "bin", "ext", PLUGIN_REPORT=report)
    config = {"ext:region": ConfigValue("eu"), "ext:key": ConfigValue("k", secret=True)}
    options = pulumi.ResourceOptions(env_var_mappings={"MINE": "RENAMED"})

    bench.up(
        lambda: Provider("p", options, deep=pulumi.Output.secret({"z": 1})),
        config=config,
        root=str(tmp_path),
    )

    greeted, configured = read_reports(report)
    assert greeted["engine"] == greeted["arguments"][0]
    assert greeted["root"] == str(path.parent)
    assert greeted["stack"] == "urn:pulumi:dev::conf::pulumi:pulumi:Stack::conf-dev"
    assert greeted["folder"] == str(tmp_path)
    assert greeted["renamed"] == "yes"
    assert json.loads(greeted["config"]) == {"ext:region": "eu", "ext:key": "k"}
    assert json.loads(configured["variables"]["ext:config:deep"]) == {"z": 1}


def test_what_a_plugin_says(bench, tmp_path):
    """What a plugin logs and prints reaches the events, with the resource it is about."""
    write_plugin(tmp_path / "bin", "ext")

    bench.up(lambda: Thing("a"))

    said = [
        (event.severity.value, event.urn[-3:], event.message)
        for event in bench.events
        if type(event).__name__ == "DiagnosticEvent"
    ]
    assert ("warning", "::a", "slow today") in said
    assert ("info", "", "pulumi-resource-ext: ready when you are") in said


def test_one_process_for_each_provider(bench, tmp_path):
    """Two explicit providers are two processes, and none is left with what it had started."""
    report = tmp_path / "report"
    write_plugin(tmp_path / "bin", "ext", PLUGIN_REPORT=report, PLUGIN_CHILD="1")

    def program():
        for name in ("p", "q"):
            Thing(f"a-{name}", pulumi.ResourceOptions(provider=Provider(name)))

    result = bench.up(program)

    seen = read_reports(report)
    assert result.outcome is Outcome.SUCCEEDED
    assert len({record["pid"] for record in seen}) == 2
    left = [record[key] for record in seen for key in ("pid", "child")]
    assert not [pid for pid in left if is_alive(pid)]


def test_a_plugin_that_dies_while_it_creates(bench, tmp_path):
    """A plugin's death during a create leaves a pending operation and its last words."""
    write_plugin(tmp_path / "bin", "ext", PLUGIN_DIES="1")

    result = bench.up(lambda: Thing("a"))

    (diagnostic,) = result.diagnostics
    assert diagnostic.where.endswith("::a")
    assert "plugin ext exited unexpectedly" in diagnostic.summary
    assert "out of memory" in diagnostic.summary
    pending = bench.backend.load("dev").pending_operations
    assert [(item.type, item.resource.urn[-3:]) for item in pending] == [("creating", "::a")]


def test_a_plugin_that_does_not_start(bench, tmp_path):
    """A plugin that ends before it says its port is an error with its last words."""
    write_plugin(tmp_path / "bin", "ext", PLUGIN_SILENT="1")

    result = bench.up(lambda: Thing("a"))

    (diagnostic,) = result.diagnostics
    assert diagnostic.code == "MP5106"
    assert "no licence" in diagnostic.why


def test_an_old_plugin_on_path(bench, tmp_path):
    """A plugin on PATH that is older than what the program asks for is used with a warning."""
    write_plugin(tmp_path / "bin", "ext", PLUGIN_VERSION="0.9.0")

    result = bench.up(lambda: Thing("a", pulumi.ResourceOptions(version="1.2.0")))

    assert result.outcome is Outcome.SUCCEEDED
    warnings = [text for severity, text in bench.messages if severity == "warning"]
    assert "version 0.9.0; the program asks for 1.2.0" in warnings[0]


def build_fetching_bench(tmp_path, url):
    """A stack with nothing on PATH, that fetches from a place of its own."""
    place = PluginPlace({**os.environ, "PATH": ""}, tmp_path / "home", {}, url)
    return EmbeddedBench(tmp_path / "state", plugins=place)


def test_a_missing_plugin_is_fetched(tmp_path):
    """A plugin that is missing is fetched, installed where Pulumi looks, and found from then on."""
    published = tmp_path / "published"
    published.mkdir()
    archive = write_archive(published, "ext", "1.2.0", build_script())
    options = pulumi.ResourceOptions(version="1.2.0")
    with publishing(published) as url:
        bench = build_fetching_bench(tmp_path, url)
        first = bench.up(lambda: Thing("a", options))
        messages = bench.messages
        archive.unlink()
        second = bench.destroy()

    assert (first.outcome, second.outcome) == (Outcome.SUCCEEDED, Outcome.SUCCEEDED)
    assert ("info", "unpacking plugin ext 1.2.0") in messages
    plugins = tmp_path / "home" / "plugins"
    assert sorted(path.name for path in plugins.iterdir()) == [
        "resource-ext-v1.2.0",
        "resource-ext-v1.2.0.lock",
    ]


def test_a_providers_own_place_and_checksum(tmp_path):
    """A plugin comes from where its package says, and only if its checksum fits."""
    published = tmp_path / "published"
    published.mkdir()
    archive = write_archive(published, "ext", "1.2.0", build_script())
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    bench = build_fetching_bench(tmp_path, "http://127.0.0.1:1")
    system = build_platform()

    def run(checksum):
        def program():
            internal = {"pluginDownloadURL": url, "pluginChecksums": {system: checksum}}
            Provider("p", pulumi.ResourceOptions(version="1.2.0"), __internal=internal)

        return bench.up(program)

    with publishing(published) as url:
        refused = run("00" * 32)
        accepted = run(digest)

    assert refused.diagnostics[0].code == "MP5107"
    assert digest in refused.diagnostics[0].why
    assert accepted.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("version", ["1.2.0", ""])
def test_a_plugin_that_cannot_be_had(tmp_path, version):
    """Without a network, or a version to ask for, the command that gets the plugin is named."""
    bench = build_fetching_bench(tmp_path, "http://127.0.0.1:1/plugins")

    result = bench.up(lambda: Thing("a", pulumi.ResourceOptions(version=version or None)))

    (diagnostic,) = result.diagnostics
    assert diagnostic.code == "MP5107"
    assert diagnostic.fixes == (f"pulumi plugin install resource ext {version}".strip(),)
    assert list((tmp_path / "home").rglob("*.tar.gz")) == []


async def register_bridge():
    """Register a package as generated SDKs of bridged providers do."""
    parameter = resource_pb2.Parameterization(name="dns", version="3.1.0", value=b"dns@3")
    request = resource_pb2.RegisterPackageRequest(
        name="bridge", version="1.0.0", parameterization=parameter
    )
    monitor = pulumi.runtime.settings.get_monitor()
    loop = asyncio.get_running_loop()
    return (await loop.run_in_executor(None, monitor.RegisterPackage, request)).ref


class Record(pulumi.CustomResource):
    """A resource of a package that a plugin makes by its parameter."""

    def __init__(self, name, **props):
        super().__init__("dns:index:Record", name, props, package_ref=register_bridge())


def test_a_parameterized_package(bench, tmp_path):
    """A package made by a plugin's parameter is served by it, in later operations too."""
    report = tmp_path / "report"
    write_plugin(tmp_path / "bin", "bridge", PLUGIN_REPORT=report)

    made = bench.up(lambda: [Record("a", x=1), Record("b", x=1)])
    kept = bench.up(lambda: [Record("a", x=1), Record("b", x=1)])
    kept_steps = sorted(bench.steps)
    destroyed = bench.destroy()

    results = (made, kept, destroyed)
    assert [result.outcome for result in results] == [Outcome.SUCCEEDED] * 3
    assert kept_steps == [("same", "a"), ("same", "b")]
    parameters = [record["parameter"] for record in read_reports(report) if "variables" in record]
    assert parameters == ["dns@3"] * 3
