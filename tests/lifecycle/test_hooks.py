"""Programs with functions that the engine calls around its steps."""

import asyncio
import threading

import pulumi
import pytest

from meta_prefect.interfaces.engine import Outcome
from meta_prefect.interfaces.provider import PartlyDone, ProviderError
from tests.support.embedded import EmbeddedBench, Group, Thing
from tests.support.state import PROJECT, STACK


@pytest.fixture
def bench(tmp_path):
    return EmbeddedBench(tmp_path)


@pytest.fixture
def read_state(tmp_path):
    """Give the text of the state file, as often as it is called."""
    return (tmp_path / ".pulumi/stacks" / PROJECT / f"{STACK}.json").read_text


class Notes:
    """What hooks saw, and the hooks that note it."""

    def __init__(self):
        self.calls = []

    def hook(self, name, error=None, **options):
        """Register a hook by name; it raises if there is an error to raise."""

        def call(args):
            self.calls.append((name, args))
            if error is not None:
                raise error

        return pulumi.ResourceHook(name, call, pulumi.ResourceHookOptions(**options))

    def bind_all(self, **options):
        """Bind a hook to every moment; each is named as its moment."""
        moments = [f"{when}_{what}" for what in ("create", "update", "delete")
                   for when in ("before", "after")]  # fmt: skip
        return pulumi.ResourceHookBinding(
            **{moment: [self.hook(moment, **options)] for moment in moments}
        )

    @property
    def names(self):
        return [name for name, _ in self.calls]

    def see(self, name):
        """Give what a hook saw, without what it did not get."""
        (args,) = [args for known, args in self.calls if known == name]
        sides = ("old_inputs", "new_inputs", "old_outputs", "new_outputs")
        return {side: getattr(args, side) for side in sides if getattr(args, side)}


@pytest.fixture
def notes():
    return Notes()


def hooked(binding, **options):
    """Make options that bind hooks."""
    return pulumi.ResourceOptions(hooks=binding, **options)


def test_around_every_step(bench, notes):
    """Hooks run before and after a resource is made, changed and deleted, and around no `same`."""

    def program(x):
        def run():
            binding = notes.bind_all()
            if x:
                Thing("a", hooked(binding), x=x)

        return run

    results = [bench.up(program(x)) for x in (1, 1, 2, None)]

    assert [result.outcome for result in results] == [Outcome.SUCCEEDED] * 4
    assert notes.names == [
        f"{when}_{what}" for what in ("create", "update", "delete") for when in ("before", "after")
    ]
    made, changed = {"x": 1.0, "out": "out-a-1"}, {"x": 2.0, "out": "out-a-1"}
    assert notes.see("before_create") == {"new_inputs": {"x": 1.0}}
    assert notes.see("after_create") == {"new_inputs": {"x": 1.0}, "new_outputs": made}
    assert notes.see("after_update") == {
        "old_inputs": {"x": 1.0},
        "new_inputs": {"x": 2.0},
        "old_outputs": made,
        "new_outputs": changed,
    }
    assert notes.see("after_delete") == {"old_inputs": {"x": 2.0}, "old_outputs": changed}


def test_what_a_hook_knows(bench, notes):
    """A hook knows the resource it runs for; before a create there is no id."""
    bench.up(lambda: Thing("a", hooked(notes.bind_all())))

    (_, before), (_, after) = notes.calls
    assert (before.name, before.type, before.id) == ("a", "test:index:Thing", "")
    assert before.urn.endswith("test:index:Thing::a")
    assert after.id == "a-1"


def test_hooks_are_stored_by_name(bench, notes, read_state):
    """State names a resource's hooks by moment, and says that it uses a feature."""
    bench.up(lambda: Thing("a", hooked(notes.bind_all())))

    assert bench.stored["a"].resource_hooks == {
        "AfterCreate": ["after_create"],
        "AfterDelete": ["after_delete"],
        "AfterUpdate": ["after_update"],
        "BeforeCreate": ["before_create"],
        "BeforeDelete": ["before_delete"],
        "BeforeUpdate": ["before_update"],
    }
    assert '"version":4,"features":["hooks"]' in read_state()


def test_an_anonymous_function(bench, notes):
    """A plain function is a hook too, and may be a coroutine function."""

    async def note(args):
        notes.calls.append(("note", args))

    bench.up(lambda: Thing("a", hooked(pulumi.ResourceHookBinding(after_create=[note]))))

    assert notes.names == ["note"]


def test_previews_call_only_who_wants_it(bench, notes):
    """A preview calls the hooks that say so, and their sides may be unknown."""

    def program():
        binding = pulumi.ResourceHookBinding(
            before_create=[notes.hook("quiet"), notes.hook("eager", on_dry_run=True)]
        )
        Thing("a", hooked(binding))

    bench.preview(program)

    assert notes.names == ["eager"]


def test_before_a_step_fails_it(bench, notes):
    """A step whose hook before it raises is not done, and has failed."""
    binding = {"before_create": ValueError("not today")}

    result = bench.up(lambda: Thing("a", hooked(bind(notes, binding))))

    assert result.outcome is Outcome.FAILED
    assert result.diagnostics[0].summary == 'before hook "before_create" failed: not today'
    assert bench.cloud.objects == {}
    assert bench.stored == {}


def bind(notes, errors, **options):
    """Bind hooks that raise."""
    return pulumi.ResourceHookBinding(
        **{moment: [notes.hook(moment, error, **options)] for moment, error in errors.items()}
    )


def test_after_a_step_fails_the_operation(bench, notes):
    """What is done stays stored when a hook after it raises, and nothing more is done."""

    def program():
        first = Thing("a", hooked(bind(notes, {"after_create": ValueError("too late")})))
        Thing("b", x=first.out)

    result = bench.up(program)

    assert result.outcome is Outcome.FAILED
    assert [item.summary for item in result.diagnostics] == [
        'after hook "after_create" failed: too late'
    ]
    assert ("error", "update failed") in bench.messages
    assert list(bench.stored) == ["a"]


def test_errors_that_do_not_matter(bench, notes):
    """A hook whose errors are to be ignored gives a warning, and all goes on."""
    errors = {"before_create": ValueError("one"), "after_create": ValueError("two")}

    result = bench.up(lambda: Thing("a", hooked(bind(notes, errors, ignore_errors=True))))

    assert result.outcome is Outcome.SUCCEEDED
    assert [text for severity, text in bench.messages if severity == "warning"] == [
        'BeforeCreate hook "before_create" failed: one',
        'AfterCreate hook "after_create" failed: two',
    ]


def test_components(bench, notes):
    """After a component means after its outputs; before it is before its children."""

    class Box(pulumi.ComponentResource):
        def __init__(self, name, opts):
            super().__init__("app:index:Box", name, None, opts)
            binding = pulumi.ResourceHookBinding(after_create=[notes.hook("child")])
            inside = Thing("inside", hooked(binding, parent=self))
            self.register_outputs({"out": inside.out})

    bench.up(lambda: Box("box", hooked(notes.bind_all())))

    assert notes.names == ["before_create", "child", "after_create"]
    assert notes.see("after_create") == {"new_outputs": {"out": "out-inside-1"}}


def test_replacements(bench, notes):
    """A replacement makes and deletes, with the hooks of each."""

    def program(value):
        return lambda: Thing("a", hooked(notes.bind_all()), immutable=value)

    bench.up(program(1))
    notes.calls.clear()
    bench.up(program(2))

    assert notes.names == ["before_create", "after_create", "before_delete", "after_delete"]


def test_deletions_need_the_hook(bench, notes):
    """A resource that has gone from the program is kept when its hook is not registered."""
    bench.up(lambda: Thing("a", hooked(notes.bind_all())))

    result = bench.up(lambda: None)

    assert result.outcome is Outcome.FAILED
    assert result.diagnostics[0].summary == 'hook "before_delete" was not registered'
    assert list(bench.stored) == ["a"]


def test_destroying_needs_the_program(bench, notes):
    """Without the program that has the hooks nothing is destroyed, and the way out is named."""
    bench.up(lambda: Thing("a", hooked(notes.bind_all())))

    result = bench.destroy()

    (diagnostic,) = result.diagnostics
    assert diagnostic.code == "MP5101"
    assert diagnostic.where.endswith("::a")
    assert "Hooks: before_delete, after_delete" in diagnostic.summary
    assert list(bench.stored) == ["a"]


def test_a_name_is_given_once(bench, notes):
    """Two hooks of one name fail the program."""

    def program():
        for _ in range(2):
            hook = notes.hook("twin")
        Thing("a", hooked(pulumi.ResourceHookBinding(before_create=[hook])))

    result = bench.up(program)

    assert result.outcome is Outcome.FAILED
    assert 'resource hook already registered for name "twin"' in result.diagnostics[0].summary


def asking(seen, answer):
    """Bind a hook for errors that answers as a function of what it saw."""

    def ask(args):
        seen.append(args)
        return answer(args)

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("ask", ask)])


def test_trying_again(bench):
    """A failed step is tried again while its hook wants it, which sees the last error first."""
    bench.cloud.failing["create", "a"] = ProviderError("busy")
    seen = []

    def answer(args):
        bench.cloud.failing["create", "a"] = ProviderError("still busy")
        if len(args.errors) == 2:
            bench.cloud.failing.clear()
        return True

    result = bench.up(lambda: Thing("a", hooked(asking(seen, answer)), x=1))

    assert result.outcome is Outcome.SUCCEEDED
    assert [args.errors for args in seen] == [["busy"], ["still busy", "busy"]]
    assert {args.failed_operation for args in seen} == {"create"}
    assert seen[0].new_inputs == {"x": 1.0}
    assert [text for severity, text in bench.messages if severity == "warning"] == [
        f"retrying create due to on-error hook request ({number}/100)" for number in (1, 2)
    ]
    assert bench.stored["a"].id == "a-1"


@pytest.mark.parametrize(
    ("answer", "summary"),
    [
        (lambda args: False, "busy"),
        (lambda args: 1 / 0, 'error hooks execution failed: error hook "ask" failed'),
    ],
)
def test_giving_up(bench, answer, summary):
    """A step fails as it did when its hook wants no more, or with what its hook raised."""
    bench.cloud.failing["create", "a"] = ProviderError("busy")

    result = bench.up(lambda: Thing("a", hooked(asking([], answer))))

    assert result.outcome is Outcome.FAILED
    assert result.diagnostics[0].summary.startswith(summary)
    assert bench.cloud.calls.count(("create", "a")) == 1


def test_not_for_ever(bench):
    """A step is tried a hundred times at most."""
    bench.cloud.failing["create", "a"] = ProviderError("busy")

    result = bench.up(lambda: Thing("a", hooked(asking([], lambda args: True))))

    assert result.outcome is Outcome.FAILED
    assert bench.cloud.calls.count(("create", "a")) == 100
    assert ("warning", "maximum number of error hook retries (100) reached") in bench.messages


def test_what_was_made_partly_is_kept(bench):
    """A resource that exists and is not ready stays in state when its hook gives up."""
    bench.cloud.failing["create", "a"] = PartlyDone("a-9", {"x": 1}, {}, ("not ready",))

    bench.up(lambda: Thing("a", hooked(asking([], lambda args: False)), x=1))

    assert bench.stored["a"].id == "a-9"
    assert list(bench.stored["a"].init_errors) == ["not ready"]


def test_hooks_beside_other_resources(bench, notes):
    """Only the resource that names a hook runs it; its children and siblings do not."""

    def program():
        group = Group("group", hooked(notes.bind_all()))
        Thing("a", pulumi.ResourceOptions(parent=group))
        Thing("b")

    bench.up(program)

    assert {args.name for _, args in notes.calls} == {"group"}


@pytest.mark.parametrize("kind", [Thing, Group])
def test_a_hook_that_hangs(bench, kind):
    """An operation that is cancelled twice waits for no hook, and ends as cancelled."""
    waiting = threading.Event()

    async def hang(args):
        waiting.set()
        await asyncio.Event().wait()

    def program():
        binding = pulumi.ResourceHookBinding(after_create=[hang])
        made = kind("a", hooked(binding))
        if isinstance(made, pulumi.ComponentResource):
            made.register_outputs({})

    def cancel():
        waiting.wait(10)
        bench.engine.cancel()
        bench.engine.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    result = bench.up(program)
    canceller.join()

    assert result.outcome is Outcome.CANCELLED
