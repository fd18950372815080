"""
References: texts in whose place a worker puts what is kept in Prefect.

They are for job variables, environment variables and pull steps. No value of a secret is read here,
at `up`, or written into a deployment. Not to be confused with builders: they go into builders.
"""

from __future__ import annotations

import re
from typing import Final, Self

from meta_prefect.implementations.checked import checked

_BLOCK_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_VARIABLE_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_BLOCK: Final = re.compile(r"([a-z0-9-]+)/([a-z0-9-]+)((?:\.\w+)*)")


class secret(str):  # noqa: N801, SLOT000 - reads like a word of the language
    """
    Stand for a secret that is kept in a `Secret` block of Prefect.

        @env(API_KEY=secret("api-key"))
        @local_deployer()
        @flow
        def report() -> None: ...

    name: of the block.
    """

    name: str

    @checked
    def __new__(cls, name: str) -> Self:
        """
        Name the block.

        Raises:
            ValueError: no block can have this name.
        """
        if not _BLOCK_NAME.fullmatch(name):
            raise ValueError(f'secret("{name}"): small letters, digits and - make a block\'s name')
        made = super().__new__(cls, f"{{{{ prefect.blocks.secret.{name} }}}}")
        made.name = name
        return made


class variable(str):  # noqa: N801, SLOT000 - reads like a word of the language
    """
    Stand for a variable of Prefect.

        @env(REGION=variable("region"))
        @parameters(rows=variable("rows"))
        @local_deployer()
        @flow
        def report(rows: int) -> None: ...

    name: of the variable.
    """

    name: str

    @checked
    def __new__(cls, name: str) -> Self:
        """
        Name the variable.

        Raises:
            ValueError: no variable can have this name.
        """
        if not _VARIABLE_NAME.fullmatch(name):
            raise ValueError(f'variable("{name}"): letters, digits, - and _ make its name')
        made = super().__new__(cls, f"{{{{ prefect.variables.{name} }}}}")
        made.name = name
        return made


class block(str):  # noqa: N801 - reads like a word of the language
    """
    Stand for a block of Prefect, or for one of its values.

        @env(HOST=block("database-credentials/main.host"))
        @job_variables(credentials=block("docker-registry-credentials/team"))
    """

    __slots__ = ()

    @checked
    def __new__(cls, path: str) -> Self:
        """
        Name the block, `TYPE/NAME` or `TYPE/NAME.VALUE`.

        Raises:
            ValueError: it is neither.
        """
        found = _BLOCK.fullmatch(path)
        if found is None:
            raise ValueError(f'block("{path}"): TYPE/NAME or TYPE/NAME.VALUE')
        kind, name, value = found.groups()
        return super().__new__(cls, f"{{{{ prefect.blocks.{kind}.{name}{value} }}}}")
