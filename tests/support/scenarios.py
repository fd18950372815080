"""
Random scenarios for comparing engines: a program that changes from step to step.

Goes further than the recorded random scenarios: aliases, several providers, inheritance from
components, reads, imports, every option that decides between an update and a replacement, scopes in
all their forms, failures. The same seed always gives the same scenario. Scenarios are data, in the
form that `tests.lifecycle.replay` plays and `tests.support.conformance.program` runs.
"""

from __future__ import annotations

import random
from typing import Any

PROJECT, STACK = "conf", "dev"
TYPES = ("test:index:Thing", "test:index:Other")
NAMES = tuple("abcdefghijkl")
EXISTING = ("ext-1", "ext-2", "ext-3")

Resource = dict[str, Any]
Step = dict[str, Any]
Scenario = dict[str, Any]


def build_scenario(seed: int, *, failures: bool = True) -> Scenario:
    """Write the scenario of a seed; without failures, nothing in it is told to fail."""
    return _Author(random.Random(seed), failures=failures).write(f"differential-{seed}")


class _Author:
    """Writes one scenario; knows what the program looks like now."""

    def __init__(self, rng: random.Random, *, failures: bool):
        self.rng = rng
        self.failures = failures
        self.resources: list[Resource] = []
        self.config: dict[str, Any] = {}
        self.taken: set[str] = set()

    def write(self, name: str) -> Scenario:
        for _ in range(self.rng.randint(3, 7)):
            self.add()
        first = {"op": "up", "program": self.show(), "cloud": self.build_world()}
        self.scope(first, 0.05)
        steps = [first, *(self.write_step() for _ in range(self.rng.randint(3, 6)))]
        return {"name": name, "steps": steps}

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def build_world(self) -> dict[str, Any]:
        return {"set": {id: {"x": number} for number, id in enumerate(EXISTING)}}

    def show(self) -> list[Resource]:
        """Give the program as it is now, with nothing in it that refers to what is gone."""
        shown, above = [], {}
        for resource in self.resources:
            shown.append(_clean(resource, above))
            above[resource["name"]] = resource
        self.resources = [
            dict(item, props=dict(item["props"]), opts=dict(item["opts"])) for item in shown
        ]
        return shown

    # -- steps

    def write_step(self) -> Step:
        roll = self.rng.random()
        if roll < 0.78:
            return self.write_up()
        if roll < 0.88:
            return self.write_refresh()
        return self.write_destroy()

    def write_up(self) -> Step:
        for _ in range(self.rng.randint(0, 3)):
            self.mutate()
        step: Step = {"op": "preview" if self.chance(0.2) else "up", "program": self.show()}
        options = step.setdefault("options", {})
        if self.chance(0.12):
            options["refresh"] = True
            step["cloud"] = self.drift()
        # Pulumi never ends when it has to skip an import because of a failure.
        imports = any("import" in item["opts"] for item in self.resources)
        if self.chance(0.15) and step["op"] == "up" and not imports:
            options["continue_on_error"] = True
        if self.chance(0.03):
            options["expect_no_changes"] = True
        self.scope(step, 0.3)
        if self.chance(0.12):
            step["config"] = {
                "test:" + self.rng.choice(["region", "zone"]): self.rng.choice(["r1", "r2"])
            }
        made = self.named("custom", "read")
        if made and self.chance(0.6):
            step["exports"] = {"o": {"$out": [self.rng.choice(made), "out"]}}
        return step

    def write_refresh(self) -> Step:
        step: Step = {"op": "refresh", "program": [], "cloud": self.drift(), "options": {}}
        self.scope(step, 0.3, replaces=False)
        return step

    def write_destroy(self) -> Step:
        step: Step = {"op": "destroy", "program": [], "options": {}}
        self.scope(step, 0.7, replaces=False)
        if self.chance(0.15):
            step["options"]["continue_on_error"] = True
        return step

    def drift(self) -> dict[str, Any]:
        ids = [f"{name}-{self.rng.randint(1, 2)}" for name in self.rng.sample(NAMES, 3)]
        return {"delete": ids[:1], "set": {ids[1]: {"y": "drifted"}}}

    def scope(self, step: Step, share: float, *, replaces: bool = True) -> None:
        options = step.setdefault("options", {})
        names = [item["name"] for item in self.resources]
        if not names or not self.chance(share):
            return
        kind = self.rng.choice(["target", "target", "exclude", "replace"])
        if kind == "replace" and not replaces:
            kind = "target"
        count = self.rng.choice([1, 1, 2])
        options[kind] = [
            self.point_at(name) for name in self.rng.sample(names, min(count, len(names)))
        ]
        if kind == "target" and self.chance(0.5):
            options["target_dependents"] = True
        # `pulumi destroy` knows no `--exclude-dependents`.
        if kind == "exclude" and step["op"] != "destroy" and self.chance(0.4):
            options["exclude_dependents"] = True
        if kind == "target" and replaces and self.chance(0.15):
            options["replace"] = [self.point_at(self.rng.choice(names))]

    def point_at(self, name: str) -> str:
        forms = [
            "**::{}",
            "**::{}",
            "urn:pulumi:dev::conf::*:*:*::{}",
            "**:Other::**",
            "urn:pulumi:dev::conf::test:index:Thing::{}",
        ]
        return self.rng.choice(forms).format(name)

    # -- programs

    def named(self, *kinds: str) -> list[str]:
        return [item["name"] for item in self.resources if item["kind"] in kinds]

    def add(self) -> None:
        free = [name for name in NAMES if name not in {item["name"] for item in self.resources}]
        if not free:
            return
        kind = self.rng.choices(["custom", "component", "provider", "read"], [70, 15, 10, 5])[0]
        resource: Resource = {
            "kind": kind,
            "name": self.rng.choice(free[:6]),
            "props": {},
            "opts": {},
        }
        place = (
            self.rng.randint(0, len(self.resources)) if self.chance(0.3) else len(self.resources)
        )
        above = self.resources[:place]
        if kind == "custom":
            resource["type"] = self.rng.choice(TYPES)
            resource["props"] = self.build_props(above)
            resource["opts"] = self.build_options(above)
            self.maybe_import(resource)
        elif kind == "component":
            resource["props"] = (
                {"res": self.build_reference(above)} if _customs(above) else {"n": 1}
            )
            resource["opts"] = self.build_component_options(above)
        elif kind == "provider":
            resource["props"] = self.build_provider_props(above)
        else:
            resource["id"] = self.rng.choice([*EXISTING, "nowhere"] if self.failures else EXISTING)
            resource["type"] = TYPES[0]
        self.resources.insert(place, resource)

    def maybe_import(self, resource: Resource) -> None:
        free = [id for id in EXISTING if id not in self.taken]
        if free and self.chance(0.06):
            resource["opts"]["import"] = self.rng.choice(free)
            self.taken.add(resource["opts"]["import"])
            resource["props"] = (
                {"x": EXISTING.index(resource["opts"]["import"])}
                if self.chance(0.6)
                else resource["props"]
            )

    def build_reference(self, above: list[Resource]) -> Any:
        name = self.rng.choice(_customs(above))
        return self.rng.choice(
            [
                {"$out": [name, "out"]},
                {"$out": [name, "out"]},
                {"$id": name},
                {"$urn": name},
                {"$concat": ["p-", {"$out": [name, "out"]}]},
            ]
        )

    def build_props(self, above: list[Resource]) -> dict[str, Any]:
        props: dict[str, Any] = {}
        for key in self.rng.sample(
            ["x", "x", "y", "tags", "cfg", "immutable", "immutable", "dbr", "token"], 4
        ):
            props[key] = self.build_value(key, above)
        if self.failures and self.chance(0.06):
            props["fail"] = [
                self.rng.choice(["create", "update", "delete", "read", "diff", "check"])
            ]
        if self.failures and self.chance(0.05):
            props["partial"] = True
        if self.failures and self.chance(0.02):
            props["checkfail"] = "no good"
        return {key: value for key, value in props.items() if value is not None}

    def build_value(self, key: str, above: list[Resource]) -> Any:
        rng = self.rng
        if (
            key in ("x", "immutable")
            and _customs(above)
            and self.chance(0.6 if key == "x" else 0.25)
        ):
            return self.build_reference(above)
        if key == "tags":
            return rng.sample(["t1", "t2", "t3"], rng.randint(0, 3))
        if key == "cfg":
            inner: Any = rng.choice(["1", "2", {"$secret": "s"}, None])
            if _customs(above) and self.chance(0.3):
                inner = self.build_reference(above)
            return {
                "cpu": rng.randint(1, 2),
                "env": {"A": inner, "B": [rng.randint(1, 2), {"c": rng.randint(1, 2)}]},
            }
        if key == "token":
            return {"$secret": rng.choice(["pw1", "pw2"])}
        if key == "dbr":
            return rng.choice([True, False])
        return rng.choice([1, 2, "s", True, 1.5])

    def build_provider_props(self, above: list[Resource]) -> dict[str, Any]:
        props: dict[str, Any] = {"region": self.rng.choice(["r1", "r2"])}
        if self.chance(0.3):
            props["zone"] = self.rng.choice(["z1", "z2"])
        if self.chance(0.2):
            props["key"] = {"$secret": self.rng.choice(["k1", "k2"])}
        if _customs(above) and self.chance(0.25):
            props["zone"] = self.build_reference(above)
        return props

    def build_options(self, above: list[Resource]) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for name, share in _OPTIONS.items():
            if self.chance(share):
                value = self.build_option(name, above)
                if value is not None:
                    options[name] = value
        return options

    def build_option(self, name: str, above: list[Resource]) -> Any:
        rng = self.rng
        customs = _customs(above)
        if name in ("parent", "dependsOn", "deletedWith", "replaceWith", "provider", "providers"):
            return self.build_relation(name, above)
        if name == "ignoreChanges":
            return [
                rng.choice(
                    [
                        "x",
                        "y",
                        "cfg.env",
                        "cfg.env.B[0]",
                        "cfg.env.*",
                        "tags",
                        "tags[*]",
                        "immutable",
                        "*",
                        "nothing",
                    ]
                )
            ]
        if name == "replaceOnChanges":
            return [rng.choice(["y", "cfg", "cfg.env.B", "tags[*]", "*", "x"])]
        if name == "customTimeouts":
            return {"create": rng.choice(["5m", "90s"]), "delete": "1h"}
        if name == "additionalSecretOutputs":
            return ["out"]
        if name == "replacementTrigger":
            return (
                self.build_reference(above)
                if customs and self.chance(0.3)
                else rng.choice([1, 2, "go"])
            )
        return rng.choice([True, True, False])

    def build_relation(self, name: str, above: list[Resource]) -> Any:
        rng = self.rng
        customs = _customs(above)
        groups = [item["name"] for item in above if item["kind"] == "component"]
        providers = [item["name"] for item in above if item["kind"] == "provider"]
        if name == "parent":
            pool = groups + customs[:1]
            return rng.choice(pool) if pool else None
        if name == "provider":
            return rng.choice(providers) if providers else None
        if name == "providers":
            return [rng.choice(providers)] if providers else None
        # Not `dependsOn` a component: it waits for the children, and one may wait for who depends.
        pool = customs + (groups if name == "deletedWith" else [])
        if not pool:
            return None
        chosen = rng.choice(pool)
        return chosen if name == "deletedWith" else [chosen]

    def build_component_options(self, above: list[Resource]) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for name, share in _COMPONENT_OPTIONS.items():
            if self.chance(share):
                value = self.build_option(name, above)
                if value is not None:
                    options[name] = value
        return options

    # -- changes

    def mutate(self) -> None:
        if not self.resources:
            self.add()
            return
        change = self.rng.choices(
            [
                self.change_props,
                self.change_options,
                self.remove,
                self.add,
                self.rename,
                self.reparent,
                self.retype,
                self.move,
            ],
            [35, 20, 12, 12, 8, 6, 3, 6],
        )[0]
        change()

    def pick(self, *kinds: str) -> tuple[Resource, list[Resource]] | None:
        found = [item for item in self.resources if not kinds or item["kind"] in kinds]
        if not found:
            return None
        chosen = self.rng.choice(found)
        return chosen, self.resources[: self.resources.index(chosen)]

    def change_props(self) -> None:
        picked = self.pick("custom", "provider", "component")
        if picked is None:
            return
        resource, above = picked
        if resource["kind"] == "provider":
            resource["props"] = {**resource["props"], **self.build_provider_props(above)}
        elif resource["kind"] == "component":
            resource["props"] = {"n": self.rng.randint(1, 2)}
        else:
            fresh = self.build_props(above)
            resource["props"] = {**resource["props"], **fresh}
            for key in list(resource["props"]):
                if self.chance(0.4 if key in ("fail", "partial", "checkfail") else 0.12):
                    del resource["props"][key]

    def change_options(self) -> None:
        picked = self.pick("custom")
        if picked is None:
            return
        resource, above = picked
        kept = {
            key: value
            for key, value in resource["opts"].items()
            if key in ("parent", "import", "aliases") or self.chance(0.5)
        }
        fresh = self.build_options(above)
        fresh.pop("parent", None)
        resource["opts"] = {**kept, **fresh}

    def remove(self) -> None:
        self.resources.remove(self.rng.choice(self.resources))

    def rename(self) -> None:
        picked = self.pick("custom", "component", "provider")
        free = [name for name in NAMES if name not in {item["name"] for item in self.resources}]
        if picked is None or not free:
            return
        resource, _ = picked
        old, new = resource["name"], self.rng.choice(free)
        resource["name"] = new
        resource["opts"]["aliases"] = [{"name": old}]
        for other in self.resources:
            other["props"], other["opts"] = (
                _rename(other["props"], old, new),
                _rename_options(other["opts"], old, new),
            )

    def reparent(self) -> None:
        picked = self.pick("custom")
        if picked is None:
            return
        resource, above = picked
        old = resource["opts"].pop("parent", None)
        parent = self.build_relation("parent", above)
        if parent is not None and self.chance(0.7):
            resource["opts"]["parent"] = parent
        resource["opts"]["aliases"] = [{"parent": old}]

    def retype(self) -> None:
        picked = self.pick("custom")
        if picked is None:
            return
        resource, _ = picked
        old = resource["type"]
        resource["type"] = TYPES[1 - TYPES.index(old)]
        if self.chance(0.7):
            resource["opts"]["aliases"] = [{"type_": old}]

    def move(self) -> None:
        self.rng.shuffle(self.resources)


_OPTIONS = {
    "parent": 0.25,
    "dependsOn": 0.2,
    "protect": 0.05,
    "retainOnDelete": 0.06,
    "ignoreChanges": 0.12,
    "replaceOnChanges": 0.08,
    "deleteBeforeReplace": 0.1,
    "additionalSecretOutputs": 0.07,
    "deletedWith": 0.08,
    "replaceWith": 0.08,
    "replacementTrigger": 0.08,
    "customTimeouts": 0.05,
    "provider": 0.4,
}
_COMPONENT_OPTIONS = {
    "parent": 0.2,
    "dependsOn": 0.15,
    "protect": 0.05,
    "retainOnDelete": 0.06,
    "deletedWith": 0.06,
    "providers": 0.4,
}


def _customs(above: list[Resource]) -> list[str]:
    return [item["name"] for item in above if item["kind"] in ("custom", "read")]


def _clean(resource: Resource, above: dict[str, Resource]) -> Resource:
    """Take out what refers to a resource that does not stand above, or is of the wrong kind."""
    props = {key: value for key, value in resource["props"].items() if _stands(value, above)}
    options = {}
    for key, value in resource["opts"].items():
        if key == "aliases":
            kept = [item for item in value if not item.get("parent") or item["parent"] in above]
            if kept:
                options[key] = kept
            continue
        if key not in _KINDS:
            if _stands(value, above):
                options[key] = value
            continue
        names = value if isinstance(value, list) else [value]
        if all(name in above and above[name]["kind"] in _KINDS[key] for name in names):
            options[key] = value
    return {**resource, "props": props, "opts": options}


_MADE = ("custom", "read")
_KINDS = {
    "parent": ("custom", "component", "read"),
    "provider": ("provider",),
    "providers": ("provider",),
    "dependsOn": ("custom", "read", "component"),
    "deletedWith": ("custom", "read", "component"),
    "replaceWith": _MADE,
}


def _stands(value: Any, above: dict[str, Resource]) -> bool:
    if isinstance(value, list):
        return all(_stands(item, above) for item in value)
    if not isinstance(value, dict):
        return True
    for key, item in value.items():
        if key in ("$id", "$urn", "$out"):
            name = item[0] if key == "$out" else item
            if name not in above or above[name]["kind"] not in _MADE:
                return False
        elif not _stands(item, above):
            return False
    return True


def _rename(value: Any, old: str, new: str) -> Any:
    if isinstance(value, list):
        return [_rename(item, old, new) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, item in value.items():
        if key in ("$id", "$urn"):
            found[key] = new if item == old else item
        elif key == "$out":
            found[key] = [new if item[0] == old else item[0], item[1]]
        else:
            found[key] = _rename(item, old, new)
    return found


def _rename_options(options: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    found = {}
    for key, value in options.items():
        if key in _KINDS:
            names = [
                new if name == old else name
                for name in (value if isinstance(value, list) else [value])
            ]
            found[key] = names if isinstance(value, list) else names[0]
        elif key == "aliases":
            found[key] = [
                {k: new if k == "parent" and v == old else v for k, v in item.items()}
                for item in value
            ]
        else:
            found[key] = _rename(value, old, new)
    return found
