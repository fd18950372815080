"""
A case for every builder of the catalogue: how it is written, its effect in Prefect, a bad value.

`tests/contracts/test_builders.py` sees to it that none is missing, and that bad values are refused;
`tests/e2e/main_job/test_builders.py` deploys all of them with one flow file to a real server.
"""

from dataclasses import dataclass

from meta_prefect.cli.builder_help import list_builders

POOLS = ("process", "docker", "kubernetes", "ecs")
FLOW = "everything"
HERE = 'work_pool(existing("cases-process"))'
SET_FOLDER = "prefect.deployments.steps.set_working_directory"


@dataclass(frozen=True)
class Seen:
    """
    What is in Prefect of one case.

    row: the deployment; automations: of it; documents: blocks by id, with secrets; workers: names,
    of its pool; run: what a run of it returned.
    """

    row: dict
    automations: list
    documents: dict
    workers: list
    run: dict | None

    @property
    def pull(self):
        """Name and inputs of the only pull step."""
        ((name, inputs),) = self.row["pull_steps"][0].items()
        return name, inputs

    @property
    def env(self):
        """Environment variables of its runs."""
        return self.row["job_variables"].get("env", {})

    @property
    def told(self):
        """The action of its only automation, and the block that it goes through."""
        (action,) = self.automations[0]["actions"]
        return action, self.documents.get(action.get("block_document_id"))


@dataclass(frozen=True)
class Case:
    """
    One builder.

    text: what stands in `deployment(...)`, without a place where runs happen if `place` has one.
    holds: of what is seen; runs: a worker of the stack runs it.
    bad: an expression that is refused.
    """

    builder: str
    text: str
    holds: object
    bad: str
    place: str = f'code_local("/srv"), {HERE}'
    runs: bool = False
    name: str = ""


def _there(kind):
    return f'existing("cases-{kind}")'


RAN = {"place": "local_deployer()", "runs": True}
CASES = (
    Case(
        "automation",
        "automation('stop', trigger={'type': 'event', 'posture': 'Reactive', 'expect': ['a.b']}, "
        "actions=[{'type': 'pause-deployment', 'deployment_id': THIS_DEPLOYMENT}])",
        lambda s: s.told[0]["deployment_id"] == s.row["id"],
        "automation('a', trigger={}, actions=[])",
    ),
    Case(
        "on_event",
        "on_event('a.b', parameters={'x': 2})",
        lambda s: (s.told[0]["type"], s.told[0]["parameters"]) == ("run-deployment", {"x": 2}),
        "on_event('a', threshold=0)",
    ),
    Case(
        "code_local",
        "code_local('/opt/here')",
        lambda s: s.pull == (SET_FOLDER, {"directory": "/opt/here"}),
        "code_local('here')",
        HERE,
    ),
    Case(
        "built_image",
        "built_image(registry=existing('registry.test/cases'))",
        lambda s: s.row["job_variables"]["image"].startswith("registry.test/cases:"),
        "built_image(registry='')",
        f"eks(pool={_there('kubernetes')})",
    ),
    Case(
        "code_image",
        "code_image('/opt/image')",
        lambda s: s.pull == (SET_FOLDER, {"directory": "/opt/image"}),
        "code_image('image')",
        f"docker(pool={_there('docker')})",
    ),
    Case(
        "code_installed",
        "code_installed()",
        lambda s: s.row["pull_steps"] == [],
        "code_installed(1)",
        HERE,
    ),
    Case(
        "code_git",
        "code_git('https://example.com/flows', branch='main')",
        lambda s: s.pull[1] == {"repository": "https://example.com/flows", "branch": "main"},
        "code_git('r', branch='a', commit='abcdef0')",
        HERE,
    ),
    Case(
        "code_s3",
        "code_s3('bucket', 'folder')",
        lambda s: (s.pull[1]["bucket"], s.pull[1]["folder"]) == ("bucket", "folder"),
        "code_s3('', 'folder')",
        HERE,
    ),
    Case(
        "pull_steps",
        "pull_steps({'a.b': {'c': 1}})",
        lambda s: s.row["pull_steps"][1] == {"a.b": {"c": 1}},
        "pull_steps({'a': {}})",
    ),
    Case(
        "entrypoint",
        "entrypoint('team.flows.everything')",
        lambda s: s.row["entrypoint"] == "team.flows.everything",
        "entrypoint('team')",
    ),
    Case(
        "eks_deployer",
        "",
        lambda s: s.row["tags"] == ["from-outside"],
        "eks_deployer(cpu=0)",
        f"code_image(), eks_deployer(cpu=1, pool={_there('kubernetes')})",
    ),
    Case(
        "local_deployer",
        "",
        lambda s: s.row["work_pool_name"] == "cases-dev-process" and s.workers,
        "local_deployer(limit=0)",
        "local_deployer()",
    ),
    Case(
        "compose",
        "compose(tags('first'), tags('second'))",
        lambda s: s.row["tags"] == ["first", "second"],
        "compose(tags)",
    ),
    Case(
        "deployment",
        "",
        lambda s: s.row["name"] == "deployment-case-dev",
        "deployment('a/b')",
        name="deployment-case",
    ),
    Case(
        "in_stacks",
        "in_stacks('dev', tags('here')), in_stacks(('prod', 'test'), tags('there'))",
        lambda s: s.row["tags"] == ["here"],
        "in_stacks((), tags('here'))",
    ),
    Case("env", "env(A='1')", lambda s: s.env == {"A": "1"}, "env(A=1)"),
    Case(
        "packages",
        "packages('s3fs')",
        lambda s: s.env["EXTRA_PIP_PACKAGES"] == "s3fs",
        "packages('not a package!')",
        f"code_image(), docker(pool={_there('docker')})",
    ),
    Case(
        "S3Filesystem",
        "S3Filesystem(bucket='b', block=existing('results'))",
        lambda s: s.env["META_PREFECT_DEPLOYMENT"] == "S3Filesystem",
        "S3Filesystem(bucket='')",
    ),
    Case(
        "LocalFilesystem",
        "LocalFilesystem(str(Path(__file__).parent / 'results'))",
        lambda s: s.run["storage"].endswith("/results"),
        "LocalFilesystem('results')",
        **RAN,
    ),
    Case(
        "process",
        "",
        lambda s: s.row["job_variables"]["working_dir"] == "/srv" and s.env == {"A": "1"},
        "process(limit=0)",
        "process(env={'A': '1'}, working_dir='/srv')",
    ),
    Case(
        "eks",
        "",
        lambda s: s.row["job_variables"]["memory_request"] == "2048Mi",
        "eks(cpu=0)",
        f"code_image(), eks(memory=2, pool={_there('kubernetes')})",
    ),
    Case(
        "docker",
        "",
        lambda s: s.row["job_variables"]["mem_limit"] == "1024m",
        "docker(memory=-1)",
        f"code_image(), docker(memory=1, pool={_there('docker')})",
    ),
    Case(
        "ecs",
        "",
        lambda s: (s.row["job_variables"]["cpu"], s.row["job_variables"]["memory"]) == (1024, 2048),
        "ecs(cpu=1, memory=100)",
        f"code_image(), ecs(cpu=1, memory=2, pool={_there('ecs')})",
    ),
    Case(
        "job_variables",
        "job_variables(stream_output=False)",
        lambda s: s.row["job_variables"]["stream_output"] is False,
        "job_variables(a=object())",
    ),
    Case(
        "limit",
        "limit(2, on_collision='cancel_new')",
        lambda s: (
            (
                s.row["global_concurrency_limit"]["limit"],
                s.row["concurrency_options"]["collision_strategy"],
            )
            == (2, "CANCEL_NEW")
        ),
        "limit(0)",
    ),
    Case(
        "work_queue",
        "work_queue('fast', priority=1)",
        lambda s: s.row["work_queue_name"] == "cases-dev-fast",
        "work_queue('')",
    ),
    Case(
        "tags_resolver",
        "tags_resolver(stack=True)",
        lambda s: s.row["tags"] == ["from-outside", "stack=dev"],
        "tags_resolver(1)",
    ),
    Case("tags", "tags('a')", lambda s: s.row["tags"] == ["a"], "tags('')"),
    Case(
        "versioneer",
        "versioneer(version='7')",
        lambda s: s.row["version"] == "7",
        "versioneer('never')",
    ),
    Case(
        "namer",
        "namer('{name}-of-{flow}-{stack}')",
        lambda s: s.row["name"] == "namer-of-everything-dev",
        "namer('{nothing}')",
    ),
    Case(
        "describer",
        "describer('A text.')",
        lambda s: s.row["description"] == "A text.",
        "describer('')",
    ),
    Case(
        "labels",
        "labels(team='data')",
        lambda s: s.row["labels"]["team"] == "data",
        "labels(team=[])",
    ),
    Case(
        "slack",
        "slack(variable='CASES_URL')",
        lambda s: s.told[1]["data"]["url"] == "https://example.com/hook",
        "slack()",
    ),
    Case(
        "teams",
        "teams(variable='CASES_URL', on=['late'])",
        lambda s: s.automations[0]["trigger"]["expect"] == ["prefect.flow-run.Late"],
        "teams()",
    ),
    Case(
        "email",
        "email('a@example.com', sender='b@example.com', variable='CASES_URL')",
        lambda s: s.told[1]["data"]["to_emails"] == ["a@example.com"],
        "email('nobody')",
    ),
    Case(
        "webhook",
        "webhook(variable='CASES_URL', longer_than=60)",
        lambda s: (
            (s.automations[0]["trigger"]["within"], s.told[0]["type"]) == (60, "call-webhook")
        ),
        "webhook()",
    ),
    Case(
        "parameters",
        "parameters(x=5)",
        lambda s: s.row["parameters"] == {"x": 5},
        "parameters(x=object())",
    ),
    Case(
        "enforce_schema",
        "enforce_schema(False)",
        lambda s: s.row["enforce_parameter_schema"] is False,
        "enforce_schema(False, 1)",
    ),
    Case(
        "secret",
        "env(A=secret('key'))",
        lambda s: s.env["A"] == "{{ prefect.blocks.secret.key }}",
        "secret('A key')",
    ),
    Case(
        "variable",
        "env(A=variable('region'))",
        lambda s: s.env["A"] == "{{ prefect.variables.region }}",
        "variable('a b')",
    ),
    Case(
        "block",
        "env(A=block('a/b.c'))",
        lambda s: s.env["A"] == "{{ prefect.blocks.a.b.c }}",
        "block('a')",
    ),
    Case("paused", "paused()", lambda s: s.row["paused"] is True, "paused(in_stacks='dev')"),
    Case("retries", "retries(3)", lambda s: s.run["retries"] == 3, "retries(-1)", **RAN),
    Case("timeout", "timeout(90)", lambda s: s.run["timeout"] == 90, "timeout(0)", **RAN),
    Case(
        "keep",
        "keep('tags'), tags(os.environ.get('CASES_TAG', 'none'))",
        lambda s: s.row["tags"] == ["first"],
        "keep('name')",
    ),
    Case(
        "cron",
        "cron('0 2 * * *', timezone='Europe/Berlin')",
        lambda s: s.row["schedules"][0]["schedule"]["cron"] == "0 2 * * *",
        "cron('never')",
    ),
    Case(
        "interval",
        "interval(3600, active=False)",
        lambda s: (
            (s.row["schedules"][0]["schedule"]["interval"], s.row["schedules"][0]["active"])
            == (3600, False)
        ),
        "interval(0)",
    ),
    Case(
        "rrule",
        "rrule('FREQ=DAILY', skip=[date(2030, 1, 1)])",
        lambda s: "EXDATE:20300101T000000" in s.row["schedules"][0]["schedule"]["rrule"],
        "rrule('never')",
    ),
    Case(
        "threads",
        "threads(3)",
        lambda s: s.run["runner"] == ["ThreadPoolTaskRunner", 3],
        "threads(0)",
        **RAN,
    ),
    Case(
        "processes",
        "processes(2)",
        lambda s: s.run["runner"] == ["ProcessPoolTaskRunner", 2],
        "processes(0)",
        **RAN,
    ),
    Case(
        "dask_local",
        "dask_local(2)",
        lambda s: s.run["runner"][0] == "_LaterTaskRunner",
        "dask_local(0)",
        **RAN,
    ),
    Case(
        "dask_k8s",
        "dask_k8s(2)",
        lambda s: s.env["META_PREFECT_DEPLOYMENT"] == "dask_k8s",
        "dask_k8s(0)",
        f"code_image(), eks(pool={_there('kubernetes')})",
    ),
    Case(
        "work_pool",
        "work_pool('own', limit=2)",
        lambda s: s.row["work_pool_name"] == "cases-dev-own",
        "work_pool(limit=0)",
        "",
    ),
    Case(
        "worker",
        "worker('second'), work_pool('watched')",
        lambda s: any("second" in name for name in s.workers),
        "worker(limit=0)",
        "",
    ),
)


def build_flow_file():
    """Write the flow file that has all cases."""
    imports = "".join(
        f"from {module} import {name}\n" for name, module in sorted(list_builders().items())
    )
    scopes = "".join(
        f'@deployment("{case.name or case.builder}", {_join(case.place, case.text)})\n'
        for case in CASES
    )
    return f"{_HEAD}{imports}\n\n{scopes}{_FLOW}"


def _join(*texts):
    return ", ".join(text for text in texts if text)


_HEAD = """\
import os
from datetime import date
from pathlib import Path

from prefect import flow

from meta_prefect.interfaces.automation import THIS_DEPLOYMENT
from meta_prefect.interfaces.components import existing
"""
_FLOW = """\
@flow
def everything(x: int = 1) -> dict:
    runner = everything.task_runner
    kind = type(runner).__name__
    workers = getattr(runner, "_max_workers", None)
    return {
        "runner": [kind, workers],
        "retries": everything.retries,
        "timeout": everything.timeout_seconds,
        "storage": str(everything.result_storage),
    }
"""
