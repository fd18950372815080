"""
Operations that are killed, and the runs after them: what the children of `fork_server` do.

A job is a dict: `folder`, `operation` (a key of `OPERATIONS`), `size`, `findable`, and for a victim
`last`, the number of the point to die at. What it finds is written to `FOLDER/findings.json`.
"""

from __future__ import annotations

import json
import resource
from dataclasses import replace
from pathlib import Path

import pulumi

from meta_prefect.engine.state.checkpoint import Snapshot
from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.state.secrets import PassphraseSecrets
from meta_prefect.engine.urn import is_provider_type, urn_name
from meta_prefect.interfaces.engine import Outcome
from meta_prefect.interfaces.values import without_secrets
from tests.support.embedded import EmbeddedBench, Group, Thing
from tests.support.file_world import FileCloud
from tests.support.mortal import MortalSystem, Points
from tests.support.state import STACK

FINDINGS = "findings.json"
GROUP = 5
_TRIES = 5


def build_program(size, *, x=1, immutable=1, delete_first=False):
    """Give a program of `size` resources in groups, each a chain below a component."""

    def program():
        for group in range(size // GROUP):
            parent = Group(f"g{group}")
            before = None
            for place in range(GROUP - 1):
                options = pulumi.ResourceOptions(
                    parent=parent, delete_before_replace=delete_first or None
                )
                values = {"x": x, "immutable": immutable, "before": before}
                before = Thing(f"t{group}-{place}", options, **values).out

    return program


def build_mixed_program(version):
    """Give a program whose two versions differ in every way that a resource can."""

    def program():
        first = version == 1
        group = Group("g")
        below = pulumi.ResourceOptions(parent=group)
        kept = Thing("kept", below, x=1)
        secret = pulumi.Output.secret(version)
        Thing("updated", below, x=secret, needs=kept.out)
        created_first = Thing("created-first", below, immutable=secret)
        Thing("follower", below, x=created_first.out)
        options = pulumi.ResourceOptions(parent=group, delete_before_replace=True)
        deleted_first = Thing("deleted-first", options, immutable=version)
        Thing("companion", below, immutable=deleted_first.out)
        Thing("gone" if first else "made", below, x=kept.out)
        pulumi.export("x", secret)

    return program


OPERATIONS = {
    "up": (None, build_program),
    "update": (build_program, lambda size: build_program(size, x=2)),
    "replace": (build_program, lambda size: build_program(size, immutable=2)),
    "replace delete-first": (
        lambda size: build_program(size, delete_first=True),
        lambda size: build_program(size, immutable=2, delete_first=True),
    ),
    "destroy": (build_program, None),
    "mixed": (lambda size: build_mixed_program(1), lambda size: build_mixed_program(2)),
}
"""What stands before an operation, and what it is to bring up; None: nothing."""


class Job:
    """One run of one operation, in its folder."""

    def __init__(self, job, system=None):
        self.folder = Path(job["folder"])
        self.points = Points(job.get("last", 0))
        self.cloud = FileCloud(self.folder / "world", self.points, findable=job["findable"])
        disk = Disk(system or MortalSystem(self.points, job.get("tear", 0)))
        self.bench = EmbeddedBench(self.folder / "state", self.cloud, disk=disk)
        before, after = OPERATIONS[job["operation"]]
        program = before if job.get("before") else after
        self.program = program(job["size"]) if program else None

    def run(self, **fields):
        if self.program is None:
            return self.bench.destroy(**fields)
        return self.bench.up(self.program, **fields)


def operate(job):
    """Do the operation, and say how many points it passed; it may not come to that."""
    if "limit" in job:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["limit"], job["limit"]))
    work = Job(job)
    result = work.run()
    assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
    _tell(work, {"points": work.points.passed})


def converge(job):
    """Do the operation again until nothing changes, and tell what is wrong then."""
    work = Job(job)
    _tell(work, find_end(work))


def find_end(work):
    """Do an operation until nothing changes, and give what is found then."""
    loaded = work.bench.backend.load(STACK) or Snapshot()
    runs = 0
    while not _is_quiet(work):
        runs += 1
        if runs == _TRIES:
            break
    return {"pending": len(loaded.pending_operations), "runs": runs, **_look(work)}


def _is_quiet(work):
    """Run once; say whether that changed nothing."""
    result = work.run()
    if result.outcome is not Outcome.SUCCEEDED:
        assert {item.code for item in result.diagnostics} == {"MP3007"}, result.diagnostics
    if _list_lost(work):
        _settle_by_hand(work)
        return False
    quiet = all(op == "same" for op, count in result.changes.items() if count)
    return quiet and result.outcome is Outcome.SUCCEEDED


def _list_lost(work):
    snapshot = work.bench.backend.load(STACK)
    return [item.resource.urn for item in snapshot.pending_operations]


def _settle_by_hand(work):
    """Do what the warning says: look, remove what is there, and forget the operation."""
    recorded = {state.id for state in work.bench.backend.load(STACK).resources}
    lost = [id for urn in _list_lost(work) for id in work.cloud.list_of(urn_name(urn))]
    for id in lost:
        if id not in recorded:
            del work.cloud.objects[id]
    work.bench.backend.edit_stack(STACK, lambda found: replace(found, pending_operations=[]))


def _look(work):
    """Compare state and world, and look for what should not be there any more."""
    snapshot = work.bench.backend.load(STACK) or Snapshot()
    states = [
        state for state in snapshot.resources if state.custom and not is_provider_type(state.type)
    ]
    recorded = {state.id: without_secrets(dict(state.outputs)) for state in states}
    names = [urn_name(state.urn) for state in states]
    files = [path for path in (work.folder / "state").rglob("*") if path.is_file()]
    return {
        "orphaned": sorted(work.cloud.objects.keys() - recorded.keys()),
        "missing": sorted(recorded.keys() - work.cloud.objects.keys()),
        "different": sorted(
            id for id, found in recorded.items() if work.cloud.objects.get(id, found) != found
        ),
        "doubled": sorted({name for name in names if names.count(name) > 1}),
        "unfinished": [item.resource.urn for item in snapshot.pending_operations],
        "left": sorted(path.name for path in files if _is_left(path)),
        "names": sorted(names),
    }


def _is_left(path):
    if path.suffix in (".tmp", ".jsonl") or "locks" in path.parts:
        return True
    return path.name == f"{STACK}.json" and b"metaPrefectJournal" in path.read_bytes()


def warm(job):
    """Derive the key of a stack's secrets, which takes as long as several operations."""
    provider = Job(job).bench.backend.load(STACK).secrets_provider
    PassphraseSecrets.new(lambda: "pw").adopt(provider).check()


def _tell(work, findings):
    (work.folder / FINDINGS).write_text(json.dumps(findings))


JOBS = {"operate": operate, "converge": converge, "warm": warm}
