"""How builders are applied: to the decorator, to a flow, to another builder."""

import asyncio
import functools
import pickle
import threading
from dataclasses import replace

import pytest
from prefect import Flow, flow, task

from meta_prefect.interfaces.blueprint import Blueprint, find_blueprint
from meta_prefect.interfaces.deployment import DeploymentSpec, FlowSource
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

BASE = DeploymentSpec("f", "dev", FlowSource("/project", "f.py", "f"))


class marker(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """Writes its letter at the end of the version, and requires it."""

    def __init__(self, letter):
        self.letter = letter

    @property
    def requires(self):
        return {self.letter}

    def update_deployment(self, deployment):
        return replace(deployment, version=deployment.version + self.letter)


def order_of(made):
    return find_blueprint(made).build_deployment(BASE).version


def test_a_builder_on_the_decorator_gives_a_decorator():
    """`builder()(flow)` can be used in place of Prefect's `flow`, with and without options."""
    marked = marker("a")(flow)

    @marked
    def plain(x: int) -> int:
        return x

    @marked(name="Named", retries=3)
    def named() -> None: ...

    assert isinstance(plain, Flow)
    assert order_of(plain) == "a"
    assert (named.name, named.retries, order_of(named)) == ("Named", 3, "a")


def test_a_builder_on_a_flow_keeps_the_flow():
    """A builder above `@flow` gives back the very flow."""

    @flow
    def made() -> None: ...

    same = marker("a")(made)

    assert same is made
    assert order_of(made) == "a"


def test_the_innermost_applies_first_and_the_outermost_wins():
    """The order is the same for stacked decorators, wrapped decorators and composed builders."""

    @marker("b")
    @marker("a")
    @flow
    def stacked() -> None: ...

    wrapped = marker("b")(marker("a")(flow))(lambda: None)
    composed = marker("b")(marker("a"))(flow)(lambda: None)
    nested = marker("c")(marker("b")(marker("a")))

    assert [order_of(item) for item in (stacked, wrapped, composed)] == ["ab", "ab", "ab"]
    assert nested.update_deployment(BASE).version == "abc"
    assert nested.requires == {"a", "b", "c"}


def test_a_partial_of_the_decorator_can_be_wrapped():
    """A team's own preset of `flow` takes builders as well."""
    preset = marker("a")(functools.partial(flow, retries=2))

    made = preset(lambda: None)

    assert (made.retries, order_of(made)) == (2, "a")


def test_decorated_flows_run_as_plain_python():
    """A sync and an async flow with builders are called like any other, without a server."""

    @marker("a")(flow)
    def add(x: int, y: int) -> int:
        return x + y

    @marker("a")(flow)
    async def add_later(x: int, y: int) -> int:
        return x + y

    assert add.fn(1, 2) == 3
    assert asyncio.run(add_later.fn(1, 2)) == 3


def test_methods_keep_their_builders():
    """A flow that is a method, a static or a class method has its blueprint on every access."""

    class Jobs:
        @marker("a")
        @flow
        def method(self) -> None: ...

        @marker("b")
        @flow
        @staticmethod
        def static() -> None: ...

        @marker("c")
        @flow
        @classmethod
        def of_class(cls) -> None: ...

    assert [order_of(item) for item in (Jobs.method, Jobs().method)] == ["a", "a"]
    assert [order_of(item) for item in (Jobs.static, Jobs.of_class)] == ["b", "c"]


def test_a_copy_starts_without_builders():
    """`with_options` gives a flow of its own, to which builders are applied anew."""

    @marker("a")
    @flow
    def made() -> None: ...

    copy = made.with_options(name="copy")

    assert find_blueprint(copy) is None


def test_builders_stay_where_they_were_made():
    """Prefect sends flows to other processes, and a builder may hold what cannot travel."""
    holding = marker(threading.Lock())

    sent = pickle.loads(pickle.dumps(find_blueprint(holding(flow)(lambda: None))))

    assert sent == Blueprint()


def test_equal_needs_are_one():
    """Two builders that need the same thing give one requirement."""

    @marker("a")
    @marker("a")
    @flow
    def made() -> None: ...

    assert find_blueprint(made).requires == {"a"}


def test_a_blueprint_knows_the_line_of_each_builder():
    """Each applied builder says where it was applied, so that messages can point there."""

    @marker("a")
    @flow
    def made() -> None: ...

    (applied,) = find_blueprint(made).builders

    assert applied.file == __file__
    assert applied.line > 0
    assert applied.name == "marker"


@pytest.mark.parametrize("target", [3, "flow", Flow])
def test_anything_else_is_refused(target):
    """A builder applied to what is no flow says where it belongs."""
    with pytest.raises(TypeError, match=r"marker\(\) is for a flow"):
        marker("a")(target)


def test_a_plain_function_is_refused_when_it_is_called():
    """A builder that is called with what turns out to be no decorator says so then."""
    forgotten = marker("a")(lambda: 3)

    with pytest.raises(TypeError, match="put @flow right above"):
        forgotten()


def test_a_builder_above_what_is_no_flow_is_refused_at_once():
    """Without `@flow`, with it on the wrong side, above a task: each names what to do."""
    with pytest.raises(TypeError, match=r"marker\(\) stands above plain, .* put @flow right above"):

        @marker("a")
        def plain(): ...

    with pytest.raises(TypeError, match="stands above below"):

        @flow
        @marker("a")
        def below(): ...

    with pytest.raises(TypeError, match="below all builders"):

        @marker("a")
        @task
        def small(): ...
