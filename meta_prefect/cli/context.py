"""
The context of a command: the terminal, the environment and a way to the project.

Handed in from `main`, so that tests hand in others. Building a project loads Pulumi: a command does
it after its first line is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from meta_prefect.cli.options import Call
from meta_prefect.cli.terminal import Terminal

if TYPE_CHECKING:
    from meta_prefect.project.project import Project
    from meta_prefect.project.settings import ProjectSettings

ProjectBuilder: TypeAlias = "Callable[[ProjectSettings, Mapping[str, str]], Project]"


@dataclass(frozen=True, slots=True)
class Context:
    """What a command works with besides its options."""

    terminal: Terminal
    environment: Mapping[str, str]
    build_project: ProjectBuilder

    def read_settings(self, call: Call) -> ProjectSettings:
        """
        Resolve the settings that a command line and the environment give.

        Raises:
            MetaPrefectError: see `project.settings.read_settings`, and `project.pulumi_folder`
                where `--program` names one.
        """
        flags = call.everywhere
        if flags.program:
            from meta_prefect.project.pulumi_folder import read_folder_settings

            folder = flags.folder / flags.program
            return read_folder_settings(folder, flags.setting_flags, self.environment)
        from meta_prefect.project.settings import read_settings

        return read_settings(flags.folder, flags.setting_flags, self.environment)

    def open_project(self, call: Call) -> Project:
        """Put the project of a command line together."""
        return self.build_project(self.read_settings(call), self.environment)
