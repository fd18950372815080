"""Questions, and the refusal to ask where nobody can answer."""

from __future__ import annotations

from collections.abc import Callable

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.text import BLANK
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


def ask_to_apply(context: Context, call: Call, stack: str, show_diff: Callable[[], None]) -> bool:
    """
    Ask whether to apply what was shown; `d` shows properties and asks again.

    Raises:
        MetaPrefectError: nobody can answer.
    """
    terminal = context.terminal
    question = f"Apply to {stack}?"
    if not terminal.can_ask(call.everywhere):
        raise _nobody(question, call)
    dot = terminal.glyphs.dot
    while True:
        try:
            answer = terminal.ask(f"  {question}  y yes {dot} d diff {dot} n no  [n]  ").lower()
        except EOFError:
            return False
        if answer in ("d", "diff"):
            terminal.talk([BLANK])
            show_diff()
            terminal.talk([BLANK])
        elif answer in ("y", "yes"):
            terminal.talk([BLANK])
            return True
        elif answer in ("", "n", "no"):
            return False


def ask_yes(context: Context, call: Call, question: str) -> bool:
    """
    Ask a question whose answer is no unless somebody says yes.

    Raises:
        MetaPrefectError: nobody can answer.
    """
    terminal = context.terminal
    if not terminal.can_ask(call.everywhere):
        raise _nobody(question, call)
    try:
        return terminal.ask(f"  {question}  y yes {terminal.glyphs.dot} n no  [n]  ").lower() in (
            "y",
            "yes",
        )
    except EOFError:
        return False


def ask_for_name(context: Context, call: Call, name: str, stack: str, noun: str) -> bool:
    """
    Ask for the name of what is to be destroyed; any other text is a no.

    Raises:
        MetaPrefectError: nobody can answer.
    """
    terminal = context.terminal
    if not terminal.can_ask(call.everywhere):
        raise _nobody(f"Type the {noun} name to destroy it on {stack}", call)
    try:
        typed = terminal.ask(f"  Type the {noun} name to destroy it on {stack}: {name}\n  ")
    except EOFError:
        return False
    terminal.talk([BLANK])
    return typed == name


def _nobody(question: str, call: Call) -> MetaPrefectError:
    words = call.words or (("--all",) if call.operating.everything else ())
    looks = {
        "up": call.suggest_same("preview"),
        "import": call.suggest("preview", *call.words[:1]),
        "destroy": call.suggest("show", *call.words[:1]),
        "refresh": call.suggest_same("diff", "--drift"),
    }
    look = looks.get(call.verb)
    do = call.suggest(call.verb, *words, *call.operating.scope, "--yes")
    return MetaPrefectError(
        "MP1302",
        f'cannot ask "{question}" because nobody can answer here',
        fixes=(do, look) if look else (do,),
        exit_code=ExitCode.USAGE,
    )
