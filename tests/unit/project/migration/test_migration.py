"""A prefect.yaml becomes builders above its flows, and what is deployed is taken over."""

import textwrap

import pytest

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.project.migration.deployed import Snapshot
from meta_prefect.project.migration.migration import plan_migration
from meta_prefect.project.migration.records import Deployed

FLOWS = '''
from prefect import flow

@flow(name="ETL")
def etl(rows: int = 1):
    """Load rows."""

@flow
def other(): ...
'''
BUILD = "prefect_docker.deployments.steps.build_docker_image"
EVERYTHING = """
name: demo
prefect-version: 3.4.0
extra: 1
build:
- prefect_docker.deployments.steps.build_docker_image:
    id: build_image
pull:
- prefect.deployments.steps.git_clone:
    repository: https://example.com/flows
    access_token: "{{ prefect.blocks.secret.token }}"
definitions:
  pool: &pool
    name: small
    work_queue_name: fast
    job_variables:
      env: {A: "1"}
      image: "{{ build_image.image }}"
  zone: &zone {timezone: Europe/Berlin}
deployments:
- name: nightly
  version: "1.2"
  tags: [b, a]
  description: Loads.
  entrypoint: flows.py:etl
  parameters: {rows: 5}
  enforce_parameter_schema: false
  paused: true
  work_pool: *pool
  schedules:
  - cron: "0 2 * * *"
    <<: *zone
    slug: night
    day_or: false
    parameters: {rows: 7}
    catchup: true
  - interval: PT1H
    anchor_date: "2026-01-01T00:00:00Z"
    active: false
  - rrule: '{"rrule": "FREQ=DAILY", "timezone": "Europe/Paris"}'
  concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW, grace_period_seconds: 90}
  triggers:
  - expect: [ping]
    match: {prefect.resource.id: a}
    within: PT1M
    parameters: {rows: "{{ event.payload.rows }}"}
  - name: both
    enabled: false
    description: Both.
    require: all
    triggers: [{expect: [a]}, {expect: [b]}]
  sla: [{name: late}]
"""


def plan(folder, text, snapshot=None, flows=FLOWS):
    """Plan the migration of a file."""
    (folder / "flows.py").write_text(flows)
    (folder / "prefect.yaml").write_text(textwrap.dedent(text))
    path = folder / "prefect.yaml"
    return plan_migration(path, folder, lambda names: snapshot or Snapshot({"small": "docker"}))


def lines(migration):
    """Give the lines of the changed file without their indents and commas."""
    return [line.strip().rstrip(",") for line in migration.changes[0].text.splitlines()]


def say(migration):
    """Give the findings as (line, deployment, text)."""
    return [(item.line, item.deployment, item.text) for item in migration.findings]


def test_every_field_has_its_builder(tmp_path):
    """What the file says stands above the flow; what cannot be converted is named with its line."""
    migration = plan(tmp_path, EVERYTHING)

    written = lines(migration)
    for line in (
        'namer("{name}")',
        '"access_token": "{{ prefect.blocks.secret.token }}"',
        'work_pool(existing("small"), type="docker")',
        'work_queue(existing("fast"))',
        'job_variables(env={"A": "1"})',
        'versioneer(version="1.2")',
        'tags("b", "a")',
        'describer("Loads.")',
        'parameters({"rows": 5})',
        "enforce_schema(False)",
        'slug="night"',
        "day_or=False",
        'parameters={"rows": 7}',
        'anchor=datetime.fromisoformat("2026-01-01T00:00:00+00:00")',
        'rrule("FREQ=DAILY", timezone="Europe/Paris")',
        "paused()",
        'limit(2, on_collision="cancel_new", grace_period_seconds=90)',
        'label="nightly__automation_1"',
        '"within": 60.0',
        '"parameters": {"rows": "{{ event.payload.rows }}"}',
        'label="both"',
        '"type": "compound"',
        "enabled=False",
    ):
        assert line in written, line
    assert say(migration) == [
        (4, "", "extra is nothing that Prefect 3 knows: left out"),
        (
            5,
            "",
            f"build runs {BUILD}: run it yourself, before `up`",
        ),
        (18, "nightly", "{{ build_image.image }} is known to a build step only: left out"),
        (36, "nightly", "a schedule has no catchup in Prefect 3: left out"),
        (52, "nightly", "sla is for Prefect Cloud: left out"),
    ]
    assert (migration.adopted, migration.flows) == ({}, ("flows.py:etl",))


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("pull: []", "code_installed()"),
        ("pull: null", "code_local()"),
        ("pull: {a.b: {c: 1}}", 'pull_steps({"a.b": {"c": 1}})'),
        ("work_pool: {name: small, job_variables: {image: i}}", 'code_image("/opt/prefect")'),
        ("concurrency_limit: 3", "limit(3)"),
        ("schedule: {cron: '@daily'}", 'cron("@daily")'),
        ("schedule: {interval: 60}", "interval(60)"),
        ("paused: false", "paused(False)"),
        ("work_pool: {name: mine}", 'work_pool("mine")'),
        ("work_pool: mine", 'work_pool("mine")'),
        (
            "parameters: {rows: '{{ $PLACE }}'}",
            'parameters({"rows": os.environ.get("PLACE", "")})',
        ),
        ("tags: ['{{ $PLACE }}', b]", 'tags("eu", "b")'),
        ("version: 'v-{{ $PLACE }}'", 'versioneer(version="v-eu")'),
    ],
)
def test_short_forms(tmp_path, monkeypatch, more, line):
    """A field in each of its forms has one call."""
    monkeypatch.setenv("PLACE", "eu")
    text = f"deployments:\n- name: a\n  entrypoint: flows.py:etl\n  {more}\n"

    text = plan(tmp_path, text).changes[0].text
    assert line in text


@pytest.mark.parametrize("none", ["schedule: null", "schedule: {}", "schedules: []", "tags: []"])
def test_nothing_is_nothing(tmp_path, none):
    """An empty field has no call."""
    text = f"deployments:\n- name: a\n  entrypoint: flows.py:etl\n  {none}\n"

    assert "schedule" not in plan(tmp_path, text).changes[0].text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("schedule: '@daily'", "a schedule is a mapping"),
        ("schedules: [{cron: '@daily', interval: 60}]", "a schedule has one of"),
        ("schedules: '@daily'", "schedules is no list"),
        ("schedules: [{cron: '@daily', active: '{{ prefect.variables.on }}'}]", "active is a"),
        ("triggers: [ping]", "a trigger is a mapping"),
        ("triggers: [{expect: [a], enabled: '{{ prefect.variables.on }}'}]", "enabled is a"),
        ("version_type: prefect:simple", "version_type is for Prefect Cloud"),
        ("work_pool: {name: small, kind: 1}", "work_pool has no kind"),
        ("description: 'on {{ $PLACE }}'", "description reads the environment"),
        ("tags: ['{{ build.tag }}']", "is known to a build step only: left out"),
    ],
)
def test_what_has_no_builder_is_named(tmp_path, field, text):
    """Each with its line; the rest of the deployment is converted."""
    file = f"deployments:\n- name: a\n  entrypoint: flows.py:etl\n  {field}\n"

    migration = plan(tmp_path, file)

    assert [item[0] for item in say(migration) if text in item[2]] == [4]
    assert "deployment(" in migration.changes[0].text


def test_several_deployments_of_one_flow(tmp_path):
    """Each has its own call, in the order of the file, and nothing else of the file changes."""
    text = """
    deployments:
    - {name: first one, entrypoint: flows.py:etl}
    - {name: deployment, entrypoint: ./flows.py:etl}
    - {name: first one, entrypoint: flows.py:other}
    - {name: first one, entrypoint: flows.py:etl}
    """
    migration = plan(tmp_path, text)

    changed = migration.changes[0].text
    assert changed.index('"first one"') < changed.index('"deployment-deployment"')
    assert 'namer("deployment")' in changed
    assert 'entrypoint("./flows.py:etl")' in changed
    assert migration.changes[0].deployments == (
        "etl/first one",
        "etl/deployment-deployment",
        "other/first one",
    )
    assert say(migration)[-1][2] == "etl has two deployments of this name: the second is left out"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("{name: null, entrypoint: a}", "without a name"),
        ('{name: "{{ $NAME }}", entrypoint: a}', "without a name"),
        ("{name: a, entrypoint: null}", "has no entrypoint"),
        ("{name: a, entrypoint: gone.py:f}", "there is no flow gone.py:f"),
        ("{name: a, entrypoint: flows.py:nothing}", "there is no flow flows.py:nothing"),
        ("just text", "a deployment is a mapping"),
    ],
)
def test_a_deployment_that_cannot_be_converted_is_named(tmp_path, entry, text):
    """It is left out with its line, and the others are converted."""
    good = "- {name: good, entrypoint: flows.py:etl}"

    migration = plan(tmp_path, f"deployments:\n{good}\n- {entry}\n")

    assert [item[0] for item in say(migration) if text in item[2]] == [3]
    with pytest.raises(MetaPrefectError, match="MP1502"):
        plan(tmp_path, f"deployments:\n- {entry}\n")


def test_two_flows_of_one_name_are_both_converted(tmp_path):
    """A stack holds one flow of a name: the second gets another one, and its entrypoint stays."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "more.py").write_text(FLOWS)
    files = ("flows.py", "one/more.py", "two/more.py", "one/more.py")
    entries = [
        f"- {{name: a{at}, entrypoint: '{file}:etl', parameters: {{rows: {at}}}}}"
        for at, file in enumerate(files)
    ]

    migration = plan(tmp_path, "deployments:\n" + "\n".join(entries))
    migration.write(tmp_path)

    assert [change.deployments for change in migration.changes] == [
        ("etl/a0",),
        ("etl_of_more/a1", "etl_of_more/a3"),
        ("etl_of_two_more/a2",),
    ]
    assert 'entrypoint("one/more.py:etl")' in migration.changes[1].text
    assert migration.flows == (
        "flows.py:etl",
        "one/more.py:etl_of_more",
        "two/more.py:etl_of_two_more",
    )
    with pytest.raises(MetaPrefectError, match="MP1502"):
        plan_migration(tmp_path / "prefect.yaml", tmp_path, lambda _: Snapshot())


def test_an_entrypoint_may_be_relative_to_the_project(tmp_path):
    """A prefect.yaml in a folder of its own may be meant for the project's root."""
    (tmp_path / "flows.py").write_text(FLOWS)
    (tmp_path / "deploy").mkdir()
    path = tmp_path / "deploy" / "prefect.yaml"
    path.write_text("deployments:\n- {name: a, entrypoint: 'flows.py:etl'}\n")

    migration = plan_migration(path, tmp_path, lambda _: Snapshot())

    assert migration.flows == ("flows.py:etl",)
    assert "entrypoint(" not in migration.changes[0].text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("pull: [{a.b: null, c: 1}]", "a pull step is no step: pull_steps("),
        ("pull: [{a.b: {c: 1}}, just text]", "a pull step is no step: 'just text'"),
        ("schedule: {cron: '0 2 * *'}", 'cron("0 2 * *")'),
        ("schedule: {cron: '0 2 * * *', timezone: Mars/North}", "Mars/North"),
        ("schedule: {interval: often}", "a schedule cannot be read"),
        ("schedule: {interval: 60, anchor_date: someday}", "a schedule cannot be read"),
        ("triggers: [{expect: [a], within: often}]", "a trigger cannot be read"),
        ("triggers: 5", "triggers is no list"),
        ("triggers: [{require: all, triggers: [a]}]", "a trigger is a mapping, not 'a'"),
        ("build: [5]", "build runs 5"),
        ("work_pool: {name: small, job_variables: 5}", "job_variables is a mapping, not 5"),
        ("concurrency_limit: many", "concurrency_limit is no number"),
        ("concurrency_limit: {limit: 2, collision_strategy: WAIT}", "limit(on_collision="),
        ("parameters: {gone: 1, rows: 2}", "the flow has no parameter gone: left out"),
        ("parameters: {rows: 'x {{ prefect.variables.a }}'}", "rows is resolved by nobody"),
        ("paused: maybe", "paused is neither true nor false"),
        ("enforce_parameter_schema: maybe", "enforce_parameter_schema is neither"),
        ("is_schedule_active: false", "is_schedule_active is of Prefect 2"),
        ("work_pool: {name: '   '}", "work_pool("),
    ],
)
def test_what_no_builder_takes_is_named(tmp_path, field, text):
    """Prefect takes what fails in a run only: it is left out with its line, and the file loads."""
    file = f"deployments:\n- name: a\n  entrypoint: flows.py:etl\n  {field}\n"

    migration = plan(tmp_path, file)

    assert [item[0] for item in say(migration) if text in item[2]] == [4], say(migration)
    exec(compile(migration.changes[0].text, "flows.py", "exec"), {})


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("tags: [[a, b], 7]", """tags("['a', 'b']", "7")"""),
        ("description: 7", 'describer("7")'),
        ("name: 'team: load'", '"team- load", namer("team: load")'),
        ("enforce_parameter_schema: 'no'", "enforce_schema(False)"),
    ],
)
def test_values_are_read_as_prefect_reads_them(tmp_path, more, line):
    """A tag that is a list is its text, and so is a number."""
    text = f"deployments:\n- name: a\n  entrypoint: flows.py:etl\n  {more}\n"

    migration = plan(tmp_path, text)

    assert line in migration.changes[0].text
    assert [text for _, _, text in say(migration)] == ["no work pool is named: no worker runs it"]


def test_a_parameter_may_be_a_variable_of_prefect(tmp_path):
    """It is what the variable says when a run is made, and the variable must be there."""
    more = "parameters: {rows: '{{ prefect.variables.rows }}'}"

    migration = plan(tmp_path, f"deployments:\n- name: a\n  entrypoint: flows.py:etl\n  {more}\n")

    assert 'parameters({"rows": variable("rows")})' in migration.changes[0].text
    assert "rows is what Prefect's variable rows says" in say(migration)[1][2]


@pytest.mark.parametrize("name", ["build.image", "image"])
def test_an_image_of_a_known_name_is_written(tmp_path, name):
    """What a build step gives is known where the file says its image and tag."""
    text = f"""
    build:
    - {BUILD}: {{id: build, image_name: team/flows, tag: 1.2, push: true}}
    deployments:
    - name: a
      entrypoint: flows.py:etl
      work_pool: {{name: small, job_variables: {{image: "{{{{ {name} }}}}"}}}}
    """
    migration = plan(tmp_path, text)

    assert 'job_variables(image="team/flows:1.2")' in lines(migration)
    assert not [item for item in say(migration) if "known to a build step" in item[2]]


def test_a_flow_in_a_folder_of_others_is_named(tmp_path):
    """Installed packages and what the settings exclude are none of the project's files."""
    for folder in ("lib/site-packages", "old"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "more.py").write_text(FLOWS)
    entries = [
        f"- {{name: a, entrypoint: '{file}:etl'}}"
        for file in ("lib/site-packages/more.py", "old/more.py", "flows.py")
    ]
    (tmp_path / "flows.py").write_text(FLOWS)
    path = tmp_path / "prefect.yaml"
    path.write_text("deployments:\n" + "\n".join(entries))

    migration = plan_migration(path, tmp_path, lambda _: Snapshot(), ("old",))

    assert [change.file for change in migration.changes] == ["flows.py"]
    assert [line for line, _, text in say(migration) if "none of the project's" in text] == [2, 3]


def test_a_flow_with_builders_is_left_alone(tmp_path):
    """A second migration of the same file has nothing to do."""
    text = "deployments:\n- {name: a, entrypoint: flows.py:etl}\n"
    first = plan(tmp_path, text)

    with pytest.raises(MetaPrefectError, match="has builders already"):
        raise_reason(tmp_path, text, first.changes[0].text)


def raise_reason(folder, text, flows):
    """Plan once more, and raise with the reason in the message."""
    try:
        plan(folder, text, flows=flows)
    except MetaPrefectError as error:
        raise MetaPrefectError(error.diagnostic.code, error.diagnostic.why) from error


ROW = {
    "id": "11",
    "name": "a",
    "work_pool_name": "small",
    "tags": [],
    "parameters": {"rows": 5},
    "job_variables": {"image": "team/flows:7"},
    "pull_steps": [
        {"prefect.deployments.steps.set_working_directory": {"directory": "/home/ci/flows"}}
    ],
    "schedules": [{"schedule": {"interval": 60.0, "anchor_date": "2026-02-03T04:05:06Z"}}],
    "version": "abc",
    "description": "Load rows.",
}
DEPLOYED = """
deployments:
- name: a
  entrypoint: flows.py:etl
  parameters: {rows: 5}
  work_pool: {name: small, job_variables: {image: "{{ build.image }}"}}
  schedule: {interval: 60}
  triggers: [{expect: [x]}]
"""


def test_what_is_deployed_decides_what_the_file_leaves_open(tmp_path):
    """Folder, image, anchor and version are what they are; the deployment is taken over."""
    there = Deployed(ROW, {"a__automation_1": "22"})
    snapshot = Snapshot({"small": "docker"}, {("ETL", "a"): there})

    migration = plan(tmp_path, DEPLOYED, snapshot)

    written = lines(migration)
    assert 'code_image("/home/ci/flows")' in written
    assert 'job_variables(image="team/flows:7")' in written
    assert 'interval(60, anchor=datetime.fromisoformat("2026-02-03T04:05:06+00:00"))' in written
    assert 'keep("version")' in written
    assert migration.adopted == {"etl/a": "11", "etl/a/trigger 1": "22"}
    assert migration.adopted_flows == ("flows.py:etl/a",)


def test_what_differs_is_kept_and_named(tmp_path):
    """A field that somebody changed since is left as it is in Prefect."""
    row = {**ROW, "parameters": {"rows": 6}, "tags": ["by hand"]}
    snapshot = Snapshot({"small": "docker"}, {("ETL", "a"): Deployed(row)})

    migration = plan(tmp_path, DEPLOYED, snapshot)

    assert 'keep("version", "parameters", "tags")' in lines(migration)
    assert [item[2] for item in say(migration) if "keep" in item[2]] == [
        "tags is something else in Prefect: kept as it is there (`keep`)",
        "parameters is something else in Prefect: kept as it is there (`keep`)",
    ]
    assert migration.adopted == {"etl/a": "11"}


def test_what_is_left_out_stays_as_it_is_in_prefect(tmp_path):
    """Steps and schedules that no builder takes are kept, and told."""
    row = {**ROW, "pull_steps": [{"a.b": None, "c": 1}], "description": "None"}
    snapshot = Snapshot({"small": "docker"}, {("ETL", "a"): Deployed(row)})
    schedules = "[{cron: '* *'}, {cron: '@daily'}, {interval: 60}]"
    more = f"  pull: [{{a.b: null, c: 1}}]\n  schedules: {schedules}"
    text = DEPLOYED.replace("  schedule: {interval: 60}", more)

    migration = plan(tmp_path, text, snapshot)

    kept = next(line for line in lines(migration) if line.startswith("keep("))
    assert "pull_steps" in kept
    assert "schedules" in kept


def test_a_deployment_without_a_pool_in_the_file_stays_in_its_own(tmp_path):
    """Prefect asks for a pool where a file names none; the name of a file loses its ending."""
    snapshot = Snapshot({"small": "docker"}, {("ETL", "a"): Deployed(ROW)})
    text = "deployments:\n- name: a.py\n  entrypoint: flows.py:etl\n"

    migration = plan(tmp_path, text, snapshot)

    assert 'work_pool(existing("small"), type="docker")' in lines(migration)
    assert migration.adopted == {"etl/a": "11"}


VARIABLE = "to-{{ prefect.variables.day }}"
TRIGGER = f"""
deployments:
- name: a
  entrypoint: flows.py:etl
  triggers:
  - match: {{prefect.resource.id: ["{VARIABLE}", b]}}
    parameters: {{rows: "{VARIABLE}"}}
"""


def test_an_automation_has_the_values_that_were_put_in_when_it_was_deployed(tmp_path):
    """Blocks and variables are resolved by `prefect deploy`, and by no automation."""
    rule = {
        "trigger": {"match": {"prefect.resource.id": ["to-7", "b"]}},
        "actions": [{"parameters": {"rows": "to-8"}}],
    }
    there = Deployed(ROW, {"a__automation_1": "22"}, {"a__automation_1": rule})
    snapshot = Snapshot({"small": "docker"}, {("ETL", "a"): there})

    migration = plan(tmp_path, TRIGGER, snapshot)

    assert '"match": {"prefect.resource.id": ["to-7", "b"]}' in lines(migration)
    assert '"parameters": {"rows": "to-8"}' in lines(migration)


def test_a_value_that_no_automation_resolves_is_named(tmp_path):
    """Where nothing is deployed there is no value to put in."""
    found = [(line, text) for line, _, text in say(plan(tmp_path, TRIGGER)) if VARIABLE in text]

    assert [line for line, _ in found] == [6, 7]
    assert all("resolved by nobody" in text for _, text in found)
