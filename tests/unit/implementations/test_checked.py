"""Arguments of another type than a builder says are refused in its name."""

import inspect
import sys
from importlib import import_module

import pytest
from prefect import flow

from meta_prefect.cli.builder_help import list_builders
from meta_prefect.implementations.automations import automation
from meta_prefect.implementations.code import code_git
from meta_prefect.implementations.deployer import local_deployer
from meta_prefect.implementations.filesystem import S3Filesystem
from meta_prefect.implementations.infra import eks
from meta_prefect.implementations.limits import limit, work_queue
from meta_prefect.implementations.metadata import namer, tags, versioneer
from meta_prefect.implementations.notify import slack
from meta_prefect.implementations.references import secret
from meta_prefect.implementations.running import paused, retries
from meta_prefect.implementations.schedule import cron, interval, rrule
from meta_prefect.interfaces.diagnostics import MetaPrefectError

SILLY = (None, 5, -1, 1e400, "", "x y/z", [], {}, object(), ("a", 7), b"x", True, "Mars/North")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: cron(5), "cron(expression=5): must be a text"),
        (lambda: cron("@daily", timezone=5), "cron(timezone=5): must be a text"),
        (lambda: cron("@daily", day_or="no"), "cron(day_or='no'): must be True or False"),
        (lambda: interval("often"), "interval(every='often'): must be timedelta or a number"),
        (lambda: rrule("FREQ=DAILY", skip=7), "rrule(skip=7): must be a list"),
        (lambda: tags("a", 5), "tags(5): must be a text"),
        (lambda: versioneer(5), 'versioneer(by=5): must be "content" or "git" or "package"'),
        (lambda: limit("1"), "limit(runs='1'): must be a whole number"),
        (lambda: limit(True), "limit(runs=True): must be a whole number"),
        (lambda: work_queue(5), 'work_queue(name=5): must be a text or existing("NAME")'),
        (lambda: paused(in_stacks="prod"), 'paused(in_stacks="prod"): a list, such as ("prod",)'),
        (lambda: slack(variable="A", on="late"), 'slack(on="late"): a list, such as ("late",)'),
        (lambda: retries(1.5), "retries(times=1.5): must be a whole number"),
        (lambda: eks(cpu="much"), "eks(cpu='much'): must be a number"),
        (lambda: code_git(None), "code_git(repository=None): must be a text"),
        (lambda: secret(5), "secret(name=5): must be a text"),
        (lambda: automation("a", trigger=[], actions=[]), "automation(trigger=[]): must be a map"),
        (namer, "namer.__init__() missing 1 required"),
        (lambda: cron("@daily", zone="UTC"), "cron() has no option zone"),
    ],
)
def test_the_message_names_builder_and_argument(make, text):
    """And what the argument may be; what is missing or too much, Python says."""
    with pytest.raises(TypeError) as caught:
        make()

    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("builder", [cron, local_deployer, tags, S3Filesystem, limit])
def test_missing_brackets_are_told(builder):
    """A builder that stands above a flow without its brackets gets the flow as an argument."""
    made = flow(lambda: None)

    with pytest.raises(TypeError, match=rf"write @{builder.__name__}\(\.\.\.\), with brackets"):
        builder(made)


@pytest.mark.parametrize("name", sorted(set(list_builders()) - {"eks_deployer"}))
def test_whatever_is_passed_the_message_is_the_builders(name):
    """No builder of the catalogue lets an error through that does not say its name."""
    builder = getattr(import_module(list_builders()[name]), name)

    messages = [_find_message(attempt) for attempt in _list_attempts(builder)]

    assert [text for text in messages if name not in text] == []


def _find_message(attempt):
    """Give what a call says; "accepted" with the builder's name, where it says nothing."""
    try:
        made = attempt()
    except (TypeError, ValueError) as error:
        return str(error)
    except MetaPrefectError as error:
        return f"{error} {error.diagnostic.where}"
    return f"accepted {type(made).__name__}"


def _list_attempts(builder):
    """Give calls with each silly value as each argument."""
    maker = builder.__new__ if "__new__" in vars(builder) else builder.__init__
    names = [name for name in _list_names(maker) if name != "self"]
    for value in SILLY:
        yield lambda value=value: builder(value)
        yield from (lambda value=value, key=key: builder(**{key: value}) for key in names)


def _list_names(maker):
    for argument in list(inspect.signature(maker).parameters.values())[1:]:
        if argument.kind is argument.VAR_KEYWORD and "Unpack" in str(argument.annotation):
            options = str(argument.annotation)[len("Unpack[") : -1]
            yield from sys.modules[maker.__module__].__dict__[options].__annotations__
        elif argument.kind in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY):
            yield argument.name
