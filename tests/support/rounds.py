"""
The round of a resource kind, as data in `tests/cases/handlers`: the same for a fake and a real API.

Create, no difference, each input changed alone and read back, drift by hand on a declared and on an
undeclared field (a case without `drift` is of a kind that nobody can change), deletion by hand (not
of what no API makes: `made` is false), import, deletion twice.
"""

from pathlib import Path

import yaml

from meta_prefect.interfaces.provider import Changes
from meta_prefect.provider.fields import DECLARED

_CASES = Path(__file__).parent.parent / "cases" / "handlers"


def load_case(kind):
    """Read a kind's case."""
    return yaml.safe_load((_CASES / f"{kind}.yaml").read_text())


def list_cases():
    """List the kinds that have a case, as `load_case` takes them."""
    found = (path.relative_to(_CASES).with_suffix("") for path in _CASES.rglob("*.yaml"))
    return sorted(path.as_posix() for path in found)


class Round:
    """
    One kind's round on one API.

    by_hand: changes the world behind the provider's back: `change(thing, values)`, `delete(thing)`.
    fake: given when requests can be looked at.
    """

    def __init__(self, bench, case, prefix, by_hand, fake=None):
        self.bench = bench
        self.case = case
        self.by_hand = by_hand
        self.fake = fake
        self.words = {"prefix": prefix}
        self.thing = None
        self.values = {}

    async def run(self):
        """Make the whole round; each step asserts what it proves."""
        await self._create()
        await self._settles(self.values)
        for change in self.case["changes"]:
            await self._change(change)
        await self._import()
        if "drift" in self.case:
            await self._drift()
        if self.case.get("made", True):
            await self._delete_by_hand()
        await self.bench.delete(self.thing)
        await self.bench.delete(self.thing)

    async def prepare(self):
        """Make what the case is set up with; `values` are the inputs then."""
        for name, part in self.case.get("setup", {}).items():
            made = await self.bench.create(part["type"], self.fill(part["inputs"]), name)
            self.words |= {f"{name}.id": made.id}
            self.words |= {f"{name}.{key}": value for key, value in made.outputs.items()}
        self.values = self.fill(self.case["inputs"])

    async def _create(self):
        await self.prepare()
        self._forget()
        self.thing = await self.bench.create(self.case["type"], self.values)
        self.words["id"] = self.thing.id
        self._expect_writes(self.case.get("create"))

    async def _settles(self, values):
        assert (await self.bench.diff(self.thing, values)).changes is Changes.NONE
        refreshed = await self.bench.refresh(self.thing)
        assert refreshed.inputs == self.thing.inputs
        assert refreshed.outputs == self.thing.outputs

    async def _change(self, change):
        values = {**self.values, **self.fill(change["set"])}
        diff = await self.bench.diff(self.thing, values)
        assert bool(diff.replaces) is (change["kind"] == "replace"), change
        assert (diff.changes is Changes.NONE) is (change["kind"] == "none"), (change, diff)
        assert diff.delete_before_replace is change.get("delete_first", False)
        if "warns" in change:
            assert await self.bench.has_said(change["warns"])
        if change["kind"] == "update":
            await self._there_and_back(values, change)

    async def _there_and_back(self, values, change):
        self._forget()
        self.thing = await self.bench.update(self.thing, values)
        self._expect_writes(change.get("writes"))
        await self._settles(values)
        # What is left alone when it is not given stays as it was: give it to go back.
        back = {**self.values, **self.fill(change.get("back", {}))}
        self.thing = await self.bench.update(self.thing, back)
        self.thing = await self.bench.update(self.thing, self.values)
        await self._settles(self.values)

    async def _import(self):
        for id in self.case["import_ids"]:
            imported = await self.bench.import_(self.case["type"], self.fill(id))
            diff = await self.bench.diff(imported, self.values)
            checked = await self.bench.check(imported.urn, imported.inputs)
            assert imported.id == self.thing.id
            assert checked[DECLARED] == imported.inputs[DECLARED]
            assert set(diff.diffs) <= {"labels"}, diff
            assert imported.outputs.keys() >= self.thing.outputs.keys() - self.thing.inputs.keys()

    async def _drift(self):
        drift = self.case["drift"]
        if "undeclared" in drift:
            await self.by_hand.change(self.thing, drift["undeclared"])
            await self._settles(self.values)
        await self.by_hand.change(self.thing, drift["declared"])
        drifted = await self.bench.refresh(self.thing)
        assert (await self.bench.diff(drifted, self.values)).changes is Changes.SOME
        self.thing = await self.bench.update(drifted, self.values)
        await self._settles(self.values)

    async def _delete_by_hand(self):
        await self.by_hand.delete(self.thing)
        assert await self.bench.refresh(self.thing) is None
        self.thing = await self.bench.create(self.case["type"], self.values)
        await self._settles(self.values)

    def _forget(self):
        if self.fake is not None:
            self.fake.requests.clear()

    def _expect_writes(self, wanted):
        if self.fake is not None and wanted is not None:
            assert self.fake.writes == [tuple(self.fill(item)) for item in wanted]

    def fill(self, value):
        """Put names and ids into a part of the case."""
        if isinstance(value, str):
            for word, text in self.words.items():
                value = value.replace(f"{{{word}}}", str(text))
            return value
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        return value
