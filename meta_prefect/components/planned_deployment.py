"""
A deployment as it is going to be declared: the finished spec, and what is wrong with it.

Pure, and free of Pulumi, so that mistakes show before a program runs. `deployed_flow` turns it into
resources.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Final

from meta_prefect.interfaces.blueprint import Blueprint
from meta_prefect.interfaces.components import CodeBucket, EcsCluster, ExistingCluster, Namespace
from meta_prefect.interfaces.deployment import (
    DASK_ENV_VARIABLE,
    BucketCode,
    DeploymentSpec,
    GitCode,
    ImageCode,
    InstalledCode,
    LocalCode,
    UploadedCode,
)
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

_SET_FOLDER: Final = "prefect.deployments.steps.set_working_directory"
_CLONE: Final = "prefect.deployments.steps.git_clone"
_PULL_FROM_S3: Final = "prefect_aws.deployments.steps.pull_from_s3"
_OWN_PREFIX: Final = "META_PREFECT_"
_PACKAGES_VARIABLE: Final = "EXTRA_PIP_PACKAGES"  # read by the start script of Prefect's images


@dataclass(frozen=True, slots=True)
class PlannedDeployment:
    """
    A deployment to declare.

    spec: the finished one.
    blueprint: the builders that have to do with it, out of their scopes.
    """

    spec: DeploymentSpec
    blueprint: Blueprint

    @property
    def name(self) -> str:
        """What the project calls it; empty for the default one."""
        return self.spec.deployment

    @property
    def needs(self) -> frozenset[Hashable]:
        """The records of everything that must be there before it."""
        required = {need for need in self.blueprint.requires if not self.spec.gave_up(need)}
        return self.spec.needs | required


def plan_deployment(base: DeploymentSpec, blueprint: Blueprint) -> PlannedDeployment:
    """
    Let the builders finish a spec.

    base: says which deployment it is.
    blueprint: of the whole flow.

    Raises:
        MetaPrefectError: builders contradict each other, or the result can be no deployment.
    """
    builders = blueprint.select(base.deployment, base.stack)
    spec = _add_own_packages(_choose_code(builders.build_deployment(base)))
    spec = _name_variables(spec)
    build_pull_steps(spec)
    build_job_variables(spec)
    _check_pool(spec)
    _check_nodes(spec)
    return PlannedDeployment(spec, builders)


def check_names(flow: str, deployments: Iterable[PlannedDeployment]) -> None:
    """
    Make sure that the deployments of a flow have different names in Prefect.

    Raises:
        MetaPrefectError: two have one name.
    """
    seen: dict[str, PlannedDeployment] = {}
    for item in deployments:
        first = seen.setdefault(item.spec.name, item)
        if first is not item:
            raise MetaPrefectError(
                "MP2107",
                f"two deployments of {flow} are called {item.spec.name} in Prefect",
                where=item.spec.where,
                why=f"{first.name or 'the default one'} and {item.name or 'the default one'}",
                fixes=('namer("{name}-{stack}")  # a name that tells them apart',),
                exit_code=ExitCode.USAGE,
            )


def build_pull_steps(spec: DeploymentSpec, bucket: object = "") -> list[Mapping[str, Any]]:
    """
    Say how a worker gets the code, as `prefect deploy` would.

    bucket: the name in the world of the one that `up` puts code into.

    Raises:
        MetaPrefectError: the work pool's workers run elsewhere and the spec names no code for them.
    """
    match spec.code:
        case LocalCode(path=path):
            return [{_SET_FOLDER: {"directory": path or spec.source.root}}, *spec.pull_steps]
        case ImageCode(path=path):
            return [{_SET_FOLDER: {"directory": path}}, *spec.pull_steps]
        case GitCode() as code:
            return [{_CLONE: _build_clone(code)}, *spec.pull_steps]
        case BucketCode() as code:
            return [{_PULL_FROM_S3: _build_pull(code)}, *spec.pull_steps]
        case UploadedCode(folder=folder):
            values = {"requires": "prefect-aws", "bucket": bucket, "folder": folder}
            return [{_PULL_FROM_S3: values}, *spec.pull_steps]
        case InstalledCode():
            return list(spec.pull_steps)
        case _ if spec.pull_steps or spec.work_pool is None:
            return list(spec.pull_steps)
    raise MetaPrefectError(
        "MP2104",
        f"nothing says where a worker finds the code of {spec.flow_name}",
        where=spec.where,
        why="its runs do not happen in this folder, and no builder says where their code is",
        fixes=(
            "from meta_prefect.implementations.code import code_git, code_image, code_s3",
            'put @code_git("https://...") or @code_image() above @flow',
        ),
        exit_code=ExitCode.USAGE,
    )


def build_job_variables(spec: DeploymentSpec) -> Mapping[str, Any]:
    """
    Give the job variables, with the packages to install.

    Raises:
        MetaPrefectError: packages are wanted where no container starts that could install them.
    """
    if not spec.packages:
        return spec.job_variables
    if not spec.runs_in_container:
        raise MetaPrefectError(
            "MP2109",
            f"packages cannot be installed for {spec.flow_name}",
            where=spec.where,
            why="its runs share the environment of their worker, or nothing says where they run",
            fixes=(f"pip install {' '.join(spec.packages)}", "remove packages(...)"),
            exit_code=ExitCode.USAGE,
        )
    return spec.with_env({_PACKAGES_VARIABLE: " ".join(spec.packages)}).job_variables


def _choose_code(spec: DeploymentSpec) -> DeploymentSpec:
    """Put the code into a bucket for runs on AWS of which no builder says where their code is."""
    place = None if spec.work_pool is None else spec.work_pool.place
    if spec.code is not None or spec.pull_steps or not _is_on_aws(place):
        return spec
    folder = f"{spec.source.attribute}/{spec.source.content_hash}"
    return replace(spec, code=UploadedCode(CodeBucket(), folder))


def _add_own_packages(spec: DeploymentSpec) -> DeploymentSpec:
    """Install what a flow file imports where runs fetch it into Prefect's own image."""
    is_ours = spec.work_pool is not None and spec.work_pool.place is not None
    is_fetched = isinstance(spec.code, UploadedCode | GitCode | BucketCode)
    if not is_ours or not is_fetched or "image" in spec.job_variables:
        return spec
    return replace(spec, packages=tuple(dict.fromkeys((*_list_own_packages(spec), *spec.packages))))


def _name_variables(spec: DeploymentSpec) -> DeploymentSpec:
    """Tell runs with Dask which variables were meant for them, so that their tasks get them too."""
    names = [
        name for name in spec.job_variables.get("env") or () if not name.startswith(_OWN_PREFIX)
    ]
    if not spec.uses_dask or not names:
        return spec
    return spec.with_env({DASK_ENV_VARIABLE: ",".join(sorted(names))})


def _list_own_packages(spec: DeploymentSpec) -> tuple[str, ...]:
    """Name what a flow file imports; workers of Dask also write results into the bucket."""
    own = version("meta-prefect")
    return (
        (f"meta-prefect[dask]=={own}", "prefect-aws")
        if spec.uses_dask
        else (f"meta-prefect=={own}",)
    )


def _is_on_aws(place: Namespace | EcsCluster | None) -> bool:
    if isinstance(place, Namespace) and isinstance(place.cluster, ExistingCluster):
        return bool(place.cluster.eks_name)
    return place is not None


def _build_clone(code: GitCode) -> dict[str, Any]:
    values: dict[str, Any] = {
        "repository": code.repository,
        "branch": code.branch,
        "commit_sha": code.commit,
        "credentials": _refer(code.credentials),
        "include_submodules": code.submodules,
    }
    return {key: value for key, value in values.items() if value}


def _build_pull(code: BucketCode) -> dict[str, Any]:
    values = {"requires": "prefect-aws", "bucket": code.bucket, "folder": code.folder}
    if code.credentials:
        values["credentials"] = _refer(f"aws-credentials/{code.credentials}")
    return values


def _refer(block: str) -> str:
    """Name a block, `TYPE/NAME`, so that the worker puts its values in; empty stays empty."""
    return f"{{{{ prefect.blocks.{block.replace('/', '.')} }}}}" if block else ""


def _check_pool(spec: DeploymentSpec) -> None:
    """Refuse a queue or a worker without a pool, and a worker where this machine runs nothing."""
    pool = spec.work_pool
    if spec.work_queue and pool is None:
        raise _misplaced(spec, "a work queue, but no work pool", "a queue is a lane of a pool")
    if spec.worker and pool is None:
        why = "no builder of the deployment chooses one"
        raise _misplaced(spec, "a worker, but no work pool", why)
    if spec.worker and pool is not None and spec.runs_in_container:
        why = f"its pool is of type {pool.type}: a worker of this machine starts no containers"
        raise _misplaced(spec, "a worker that cannot run it", why)


def _check_nodes(spec: DeploymentSpec) -> None:
    """Refuse nodes for Dask in another cluster: it would be made for them alone."""
    place = None if spec.work_pool is None else spec.work_pool.place
    if spec.dask_nodes is None or not isinstance(place, Namespace):
        return
    if spec.dask_nodes.cluster != place.cluster:
        raise MetaPrefectError(
            "MP2106",
            f"the workers of {spec.flow_name} are in another cluster than its runs",
            where=spec.where,
            why=f"the node group {spec.dask_nodes.name} of dask_k8s is not in that of eks",
            fixes=(f'NodeGroup("{spec.dask_nodes.name}", cluster)  # as eks(cluster=...) has it',),
            exit_code=ExitCode.USAGE,
        )


def _misplaced(spec: DeploymentSpec, what: str, why: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP2108",
        f"{spec.flow_name} has {what}",
        where=spec.where,
        why=why,
        fixes=("put a deployer above @flow, such as @local_deployer()",),
        exit_code=ExitCode.USAGE,
    )
