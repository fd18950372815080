"""
Programs that cannot be said as data, in rounds: what both engines must do alike.

A case is a function that is called once for each engine; it gets a list to note in what the program
saw, and gives steps as the replayer takes them, whose `function` is the program.
"""

from __future__ import annotations

import atexit
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pulumi

Notes = list[Any]
Case = Callable[[Notes], list[dict[str, Any]]]


class Thing(pulumi.CustomResource):
    """A resource of the test provider."""

    out: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any):
        super().__init__("test:index:Thing", name, {**props, "out": None}, opts)


class Box(pulumi.ComponentResource):
    """A component with one thing in it."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any):
        super().__init__("app:index:Box", name, None, opts)
        inside = Thing(f"{name}-inside", pulumi.ResourceOptions(parent=self), **props)
        self.register_outputs({"out": inside.out})


class Remote(pulumi.ComponentResource):
    """A component that the provider constructs."""

    out: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any):
        super().__init__("test:index:Remote", name, {**props, "out": None}, opts, remote=True)

    def say(self, **args: Any) -> pulumi.Output[Any]:
        """Call the component's method."""
        return pulumi.runtime.call("test:index:Remote/say", {"__self__": self, **args}, self)


class Provider(pulumi.ProviderResource):
    """An explicit provider."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any):
        super().__init__("test", name, props, opts)


def up(program: Callable[[], object], **options: Any) -> dict[str, Any]:
    """Bring a program up."""
    return {"op": "up", "function": program, "options": options}


def preview(program: Callable[[], object], **options: Any) -> dict[str, Any]:
    """Show what a program would do."""
    return {"op": "preview", "function": program, "options": options}


def destroy() -> dict[str, Any]:
    """Destroy everything, without the program."""
    return {"op": "destroy"}


def show(*sides: Any) -> list[Any]:
    """Make what hooks see comparable: what is unknown is the same everywhere."""
    return [side and {key: _show(value) for key, value in sorted(side.items())} for side in sides]


def _show(value: Any) -> Any:
    return "unknown" if isinstance(value, pulumi.output.Unknown) else value


def make_hook(notes: Notes, name: str, *, fails: bool = False, **options: Any) -> Any:
    """Register a hook that notes what it sees, and raises if told so."""

    def call(args: Any) -> None:
        sides = show(args.new_inputs, args.old_inputs, args.new_outputs, args.old_outputs)
        notes.append((args.urn, name, args.name, args.type, args.id, *sides))
        if fails:
            raise ValueError("the hook says no")

    return pulumi.ResourceHook(name, call, pulumi.ResourceHookOptions(**options))


_MOMENTS = tuple(
    f"{when}_{what}" for what in ("create", "update", "delete") for when in ("before", "after")
)


def bind(notes: Notes, failing: str = "", **options: Any) -> pulumi.ResourceHookBinding:
    """Bind a hook to every moment; one of them may fail."""
    hooks = {name: make_hook(notes, name, fails=name == failing, **options) for name in _MOMENTS}
    return pulumi.ResourceHookBinding(**{name: [hook] for name, hook in hooks.items()})


def hooks_around_every_step(notes: Notes) -> list[dict[str, Any]]:
    """Create, same, update, replacement, deletion; then a destruction without hooks in state."""

    def program(kind: Any, **props: Any) -> Callable[[], None]:
        def run() -> None:
            binding = bind(notes)
            if kind is not None:
                kind("a", pulumi.ResourceOptions(hooks=binding), **props)

        return run

    rounds = [
        program(Thing, x=1),
        program(Thing, x=1),
        program(Thing, x=2),
        program(Thing, x=2, immutable="i"),
        program(None),
        program(Box, x=1),
        program(None),
    ]
    return [*map(up, rounds), destroy()]


def hooks_in_previews(notes: Notes) -> list[dict[str, Any]]:
    """Only hooks that want it are called in previews, also for replacements and deletions."""

    def program(*names: str, **props: Any) -> Callable[[], None]:
        def run() -> None:
            binding = bind(notes, on_dry_run=True)
            for name in names:
                Thing(name, pulumi.ResourceOptions(hooks=binding), **props)

        return run

    def quiet() -> None:
        Thing("a", pulumi.ResourceOptions(hooks=bind(notes)), x=1)

    return [
        preview(quiet),
        preview(program("a", "b", x=1)),
        up(program("a", "b", x=1)),
        preview(program("a", x=2)),
        preview(program("a", "b", immutable="i")),
    ]


def failing_hooks(notes: Notes) -> list[dict[str, Any]]:
    """Each moment's hook fails once, strictly and to be ignored."""

    def program(failing: str, *, there: bool = True, **options: Any) -> Callable[[], None]:
        def run() -> None:
            binding = bind(notes, failing, **options)
            if there:
                Thing("a", pulumi.ResourceOptions(hooks=binding), x=failing)

        return run

    strict = [up(program(moment)) for moment in _MOMENTS[:4]]
    ignored = [up(program(moment, ignore_errors=True)) for moment in _MOMENTS[:4]]
    deleted = [up(program(moment, there=False)) for moment in _MOMENTS[4:]]
    return [*strict, *ignored, *deleted]


def hooks_and_continue_on_error(notes: Notes) -> list[dict[str, Any]]:
    """A failing hook does not stop the others when asked to continue."""

    def program() -> None:
        first = Thing("a", pulumi.ResourceOptions(hooks=bind(notes, "after_create")))
        Thing("b", x=first.out)

    return [up(program, continue_on_error=True)]


def hooks_of_a_component(notes: Notes) -> list[dict[str, Any]]:
    """A component's hooks run around its outputs; a failing one fails what comes after."""

    def program(failing: str, x: int) -> Callable[[], None]:
        def run() -> None:
            Box("box", pulumi.ResourceOptions(hooks=bind(notes, failing)), x=x)

        return run

    return [up(program("", 1)), up(program("", 2)), up(program("after_update", 3))]


def destroying_with_hooks(notes: Notes) -> list[dict[str, Any]]:
    """Destroy refuses what has delete hooks; so does an `up` without them."""

    def program() -> None:
        Thing("a", pulumi.ResourceOptions(hooks=bind(notes)))
        Thing("b")

    return [up(program), destroy(), up(lambda: None)]


def make_error_hook(notes: Notes, name: str, answer: Callable[[Any], bool]) -> Any:
    """Register a hook for errors that notes what it sees."""

    def ask(args: Any) -> bool:
        sides = show(args.new_inputs, args.old_inputs, args.old_outputs)
        notes.append((args.urn, name, args.id, *sides, args.failed_operation, tuple(args.errors)))
        return answer(args)

    return pulumi.ErrorHook(name, ask)


def error_hooks(notes: Notes) -> list[dict[str, Any]]:
    """Steps that fail are tried again as long as a hook wants it."""

    def program(there: bool, tries: int, **props: Any) -> Callable[[], None]:
        def run() -> None:
            hooks = [
                make_error_hook(notes, "once", lambda args: len(args.errors) < tries),
                make_error_hook(notes, "never", lambda args: False),
            ]
            binding = pulumi.ResourceHookBinding(on_error=hooks)
            if there:
                Thing("a", pulumi.ResourceOptions(hooks=binding), **props)

        return run

    return [
        up(program(True, 3, fail=["create"])),
        up(program(True, 3, x=1, fail=["delete"])),
        up(program(True, 2, x=2, fail=["update", "delete"])),
        up(program(False, 2)),
    ]


def broken_error_hooks(notes: Notes) -> list[dict[str, Any]]:
    """A hook that raises ends the trying with its own words; one is named that nobody has."""

    def broken() -> None:
        hook = make_error_hook(notes, "broken", lambda args: bool(1 / 0))
        binding = pulumi.ResourceHookBinding(on_error=[hook])
        Thing("a", pulumi.ResourceOptions(hooks=binding), fail=["create"])

    def partial() -> None:
        hook = make_error_hook(notes, "no", lambda args: False)
        binding = pulumi.ResourceHookBinding(on_error=[hook])
        Thing("a", pulumi.ResourceOptions(hooks=binding), partial=True)

    return [up(broken), up(partial)]


@cache
def write_files() -> Path:
    """Make a folder with all that archives are made of, and every trap in their names."""
    root = Path(tempfile.mkdtemp(prefix="contents-"))
    atexit.register(shutil.rmtree, root)
    folder = root / "folder"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / ".pulumi").mkdir()
    (folder / ".pulumi" / "ignored").write_text("no")
    (folder / "sub.txt").write_text("after the folder of that name, before its files")
    (folder / "sub" / "deep" / "empty").write_bytes(b"")
    (folder / "sub" / "block").write_bytes(b"x" * 512)
    (folder / "Big").write_bytes(bytes(range(256)) * 5000)
    (folder / "grüße.txt").write_text("not ascii")
    (folder / ("long-" * 24)).write_text("longer than a header's name")
    nested = folder / ("nested-" * 12) / ("more-" * 12)
    nested.mkdir(parents=True)
    (nested / "leaf").write_text("a name in two halves")
    (folder / "link").symlink_to(folder / "sub.txt")
    (folder / "linked-folder").symlink_to(folder / "sub")
    with tarfile.open(root / "packed.tar.gz", "w:gz") as archive:
        archive.add(folder / "sub", "./inner")
    with zipfile.ZipFile(root / "packed.zip", "w") as zipped:
        zipped.write(folder / "sub.txt", "inner/sub.txt")
    return root


def assets_and_archives(notes: Notes) -> list[dict[str, Any]]:
    """Contents of every kind have the same hashes, and nothing changes without a change."""
    root = write_files()

    def program() -> None:
        text = pulumi.StringAsset("hello")
        file = pulumi.FileAsset(str(root / "folder" / "Big"))
        folder = pulumi.FileArchive(str(root / "folder"))
        packed = {kind: pulumi.FileArchive(str(root / f"packed.{kind}")) for kind in _PACKED}
        Thing("assets", text=text, file=file)
        Thing("uris", asset=pulumi.RemoteAsset(f"file://{root}/folder/sub.txt"))
        Thing("packed", zip=packed["zip"], tgz=packed["tar.gz"])
        Thing("remote", archive=pulumi.RemoteArchive(f"file://{root}/packed.zip"))
        Thing("folder", folder=folder)
        parts = {"z": text, "b/c": file, "b": folder, **packed, "é": text}
        nested = pulumi.AssetArchive({**parts, "again": pulumi.AssetArchive(parts)})
        Thing("nested", all=nested, none=pulumi.AssetArchive({}), deep={"x": [folder]})

    return [up(program), up(program)]


_PACKED = ("zip", "tar.gz")


def remote_components(notes: Notes) -> list[dict[str, Any]]:
    """A component of another process: made, kept, changed, renamed, and gone."""

    def program(name: str, x: Any, **options: Any) -> Callable[[], None]:
        def run() -> None:
            first = Thing("first")
            opts = pulumi.ResourceOptions(depends_on=[first], **options)
            remote = Remote(name, opts, x=x, y=first.out, z=pulumi.Output.secret("z"))
            Thing("last", pulumi.ResourceOptions(parent=remote), x=remote.out)
            pulumi.export("out", remote.out)

        return run

    renamed = program("new", 2, aliases=[pulumi.Alias(name="old")])
    rounds = [program("old", 1), program("old", 1), program("old", 2), renamed, lambda: None]
    return [preview(rounds[0]), *map(up, rounds)]


def options_of_remote_components(notes: Notes) -> list[dict[str, Any]]:
    """Options reach the plugin, and what the engine inherits reaches the parts."""

    def program() -> None:
        provider = Provider("explicit")
        hooks = {name: [hook] for name, hook in [("after_create", make_hook(notes, "after"))]}
        options = pulumi.ResourceOptions(
            provider=provider,
            protect=True,
            ignore_changes=["x"],
            custom_timeouts=pulumi.CustomTimeouts(create="5m"),
            hooks=pulumi.ResourceHookBinding(**hooks),
        )
        Remote("remote", options, x=1)

    return [up(program)]


def transforms_of_remote_components(notes: Notes) -> list[dict[str, Any]]:
    """A component's transforms see it and its parts, wherever they are made."""

    def transform(args: Any) -> Any:
        notes.append((args.name, args.custom, dict(args.props)["x"]))
        return pulumi.ResourceTransformResult({**args.props, "x": args.props["x"] + 1}, args.opts)

    def program() -> None:
        Remote("remote", pulumi.ResourceOptions(transforms=[transform]), x=1)

    return [up(program)]


def failing_remote_components(notes: Notes) -> list[dict[str, Any]]:
    """A component whose plugin fails, or one of whose parts does."""
    return [
        up(lambda: Remote("remote", x=1, fail=["construct"])),
        up(lambda: Remote("remote")),
    ]


def methods(notes: Notes) -> list[dict[str, Any]]:
    """Methods of components are called in previews too; an unknown argument goes along."""

    def program() -> None:
        remote = Remote("remote", x=1)
        pulumi.export("known", remote.say(word="hello"))
        pulumi.export("unknown", Remote("other", x=2).say(word=remote.out))

    def refusing() -> None:
        pulumi.export("no", Remote("remote", x=1).say(refuse=True))

    def failing() -> None:
        pulumi.export("no", Remote("remote", x=1).say(fail=["call"]))

    return [preview(program), up(program), up(refusing), up(failing)]


def stashes(notes: Notes) -> list[dict[str, Any]]:
    """A stash keeps the value of its first input, secret or not."""

    def program(value: Any) -> Callable[[], None]:
        def run() -> None:
            plain = pulumi.Stash("plain", input=value)
            hidden = pulumi.Stash("hidden", input=pulumi.Output.secret(value))
            pulumi.export("plain", plain.output)
            pulumi.export("hidden", hidden.output)

        return run

    rounds = [program({"a": [1]}), program({"a": [1]}), program("else"), lambda: None]
    return [preview(rounds[0]), *map(up, rounds)]


def references_to_resources(notes: Notes) -> list[dict[str, Any]]:
    """A resource among outputs is looked up by whoever gets it."""

    class Found(pulumi.CustomResource):
        def __init__(self, name: str, urn: str):
            opts = pulumi.ResourceOptions(urn=urn)
            super().__init__("test:index:Thing", name, {"out": None}, opts)

    def program() -> None:
        thing = Thing("thing", x=1)
        found = thing.urn.apply(lambda urn: Found("thing", urn).out)
        pulumi.export("found", found)
        asked = pulumi.runtime.invoke("pulumi:pulumi:getResource", {"urn": "urn:nobody"})
        notes.append((str(asked),))

    def known() -> None:
        thing = Thing("thing", x=1)
        pulumi.export("found", thing.urn.apply(lambda urn: Found("thing", urn).out))

    return [up(known), up(known), up(program)]


def references_to_stacks(notes: Notes) -> list[dict[str, Any]]:
    """A stack reads its own last outputs, secrets among them; one that is not there is an error."""

    def first() -> None:
        pulumi.export("plain", {"a": 1})
        pulumi.export("hidden", pulumi.Output.secret("s"))

    def second() -> None:
        other = pulumi.StackReference("organization/conf/dev")
        pulumi.export("copy", other.get_output("plain"))
        pulumi.export("hidden", other.get_output("hidden"))

    return [
        up(first),
        preview(second),
        up(second),
        up(lambda: pulumi.StackReference("organization/conf/nowhere")),
        up(first),
    ]


def everything(notes: Notes) -> None:
    """Use all that state has a form of its own for; a program, not a case."""
    Thing("hooked", pulumi.ResourceOptions(hooks=bind(notes)), x=1)
    Remote("remote", x=2)
    pulumi.Stash("stash", input=pulumi.Output.secret({"a": 1}))
    Thing("folder", folder=pulumi.FileArchive(str(write_files() / "folder")))


CASES: list[Case] = [
    stashes,
    references_to_resources,
    references_to_stacks,
    remote_components,
    options_of_remote_components,
    transforms_of_remote_components,
    failing_remote_components,
    methods,
    assets_and_archives,
    hooks_around_every_step,
    hooks_in_previews,
    failing_hooks,
    hooks_and_continue_on_error,
    hooks_of_a_component,
    destroying_with_hooks,
    error_hooks,
    broken_error_hooks,
]
