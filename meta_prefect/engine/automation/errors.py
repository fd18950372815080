"""
What the `pulumi` executable complains about, in the words of our diagnostics.

Pure: knows the texts that it writes to stderr and what they mean for a user. A failed step is not
here: `operation` reads that from the events.

Source: the messages of Pulumi 3.260 (`pkg/backend/diy/lock.go`, `pkg/secrets/passphrase`,
`pkg/cmd/pulumi/backend`), and its exit codes (`sdk/go/common/util/cmdutil`).
"""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from meta_prefect.engine.automation.executable import INSTALL_PULUMI
from meta_prefect.interfaces.diagnostics import Diagnostic, ExitCode, MetaPrefectError

_TAIL_LINES: Final = 8
_NOISE: Final = re.compile(r"^(warning: A new version of Pulumi|$)")
_HOLDER: Final = re.compile(r"created by (\S+) \(pid (\d+)\) at (\S+)")
_INSTALL: Final = re.compile(r"`(pulumi plugin install [^`]+)`(?:: (.+))?", re.DOTALL)
_PLUGIN: Final = re.compile(
    r"resource plugin '(?:pulumi-resource-)?([^']+)'(?:.* at version v([\w.+-]+))?"
)


class NoSuchStack(MetaPrefectError):
    """The backend has no stack of that name (yet)."""


class StackIsThere(MetaPrefectError):
    """The backend has a stack of that name already."""


@dataclass(frozen=True, slots=True)
class _Complaint:
    """
    A text of the executable and what it means.

    summary, fixes: `{stack}` in them is the stack's name.
    kept: what is the reason in the text; None: the lines that the pattern is in.
    kind: of the error that is raised.
    """

    pattern: str
    code: str
    summary: str
    fixes: tuple[str, ...]
    exit_code: ExitCode = ExitCode.ERROR
    kept: str | None = None
    kind: type[MetaPrefectError] = MetaPrefectError


_COMPLAINTS: Final = (
    _Complaint(
        r"the stack is currently locked by|\[409\] Conflict: Another update",
        "MP4201",
        "stack {stack} is locked",
        ("if that run is dead: meta-prefect unlock -s {stack}",),
        ExitCode.LOCKED,
        kept=r"created by .*",
    ),
    _Complaint(
        r"incorrect passphrase",
        "MP4301",
        "the passphrase does not fit the secrets of this stack",
        ("export PULUMI_CONFIG_PASSPHRASE=...",),
        ExitCode.AUTHENTICATION,
    ),
    _Complaint(
        r"passphrase must be set with",
        "MP4301",
        "the secrets of this stack need a passphrase",
        ("export PULUMI_CONFIG_PASSPHRASE=...",),
        ExitCode.AUTHENTICATION,
    ),
    _Complaint(
        r"PULUMI_ACCESS_TOKEN must be set|\[401\] Unauthorized|invalid access token",
        "MP5204",
        "nobody is logged in where the state is kept",
        ("pulumi login", "export PULUMI_ACCESS_TOKEN=..."),
        ExitCode.AUTHENTICATION,
    ),
    _Complaint(
        r"no stack named '?.*'? found",
        "MP4108",
        "there is no stack {stack}",
        (),
        ExitCode.NOT_FOUND,
        kind=NoSuchStack,
    ),
    _Complaint(
        r"no resource named '.*' found",
        "MP3006",
        "the scope names what is not in stack {stack}",
        (),
        ExitCode.RESOURCE,
    ),
    _Complaint(
        r"stack (?:named )?\S+ already exists",
        "MP5205",
        "there is a stack {stack} already",
        (),
        kind=StackIsThere,
    ),
    _Complaint(
        r"support for the following features: .*metaPrefectJournal",
        "MP5206",
        "an operation of the embedded engine on stack {stack} was interrupted",
        ("meta-prefect refresh --all -s {stack} --engine embedded",),
    ),
    _Complaint(
        r"support for the following features: (.*)|stack '.*' is newer than",
        "MP5202",
        "the state of stack {stack} needs a newer pulumi",
        (INSTALL_PULUMI,),
        ExitCode.USAGE,
    ),
    _Complaint(
        r"unknown (?:flag|command|shorthand flag)",
        "MP5202",
        "this pulumi does not know all that is asked of it",
        (INSTALL_PULUMI,),
        ExitCode.USAGE,
    ),
    _Complaint(
        r"(?:no|failed to load|could not load) .*plugin.*?(pulumi-resource-\S+|\bname \S+)",
        "MP5107",
        "a provider plugin is missing",
        ("pulumi plugin install resource NAME VERSION",),
    ),
)
_BY_EXIT_CODE: Final = {
    3: ("MP5204", "nobody is logged in where the state is kept", ExitCode.AUTHENTICATION),
    6: ("MP4108", "there is no stack {stack}", ExitCode.NOT_FOUND),
}


def find_error(stack: str, exit_code: int, stderr: str) -> MetaPrefectError | None:
    """Recognise a complaint that ends a command before anything was touched; None: none known."""
    for complaint in _COMPLAINTS:
        found = re.search(complaint.pattern, stderr)
        if found:
            return _build_error(complaint, stack, stderr)
    if exit_code in _BY_EXIT_CODE:
        code, summary, own_code = _BY_EXIT_CODE[exit_code]
        kind = NoSuchStack if own_code is ExitCode.NOT_FOUND else MetaPrefectError
        return kind(code, summary.format(stack=stack), why=explain(stderr), exit_code=own_code)
    return None


def build_error(
    command: Sequence[str], stack: str, exit_code: int, stderr: str
) -> MetaPrefectError:
    """Make the error of a command that failed, whatever it is; see `Child.exit_code`."""
    known = find_error(stack, exit_code, stderr)
    return known or MetaPrefectError(
        "MP5205",
        f"pulumi {' '.join(command)} failed",
        why=explain(stderr) or describe_end(exit_code),
        fixes=(f"meta-prefect unlock -s {stack}",) if exit_code < 0 else (),
    )


def describe_end(exit_code: int) -> str:
    """Say how a command ended that said nothing; see `Child.exit_code`."""
    if exit_code < 0:
        return f"it was killed ({signal.Signals(-exit_code).name}), and could not give up its lock"
    return f"it ended with exit code {exit_code}"


def explain(stderr: str) -> str:
    """Give the last lines of what was said, without what says nothing."""
    lines = [line.removeprefix("error: ").rstrip() for line in stderr.splitlines()]
    return "\n".join([line for line in lines if not _NOISE.match(line)][-_TAIL_LINES:])


def build_missing_plugin(message: str, where: str) -> Diagnostic:
    """Say in the words of the embedded engine that a provider's plugin is missing."""
    plugin, install = _PLUGIN.search(message), _INSTALL.search(message)
    name = " ".join(part for part in plugin.groups() if part) if plugin else ""
    return Diagnostic(
        "MP5107",
        f"the provider plugin {name} is not installed and cannot be fetched" if name else message,
        where,
        (install and install.group(2)) or (message if name else ""),
        (install.group(1),) if install else (),
    )


def _build_error(complaint: _Complaint, stack: str, stderr: str) -> MetaPrefectError:
    kept = complaint.kept or f".*(?:{complaint.pattern}).*"
    reasons = [found.group(0).strip() for found in re.finditer(kept, stderr)]
    why = "\n".join(reason.removeprefix("error: ") for reason in reasons) or explain(stderr)
    install = _INSTALL.search(stderr)
    fixes = (install.group(1),) if install and complaint.code == "MP5107" else complaint.fixes
    return complaint.kind(
        complaint.code,
        complaint.summary.format(stack=stack),
        why=_HOLDER.sub(r"by \1, process \2, since \3", why),
        fixes=tuple(fix.format(stack=stack) for fix in fixes),
        exit_code=complaint.exit_code,
    )
