"""The table of an automation: its inputs and outputs. `automation` has the requests."""

from __future__ import annotations

from typing import Final

from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind

AUTOMATION: Final = ResourceKind(
    token="prefect:index:Automation",  # noqa: S106 - a type's name
    doc="Actions that the server takes when events come, or fail to come.",
    fields=(
        Field("name", FieldType.STRING, "Name; need not be unique.", required=True),
        Field("description", FieldType.STRING, "What it is for."),
        Field(
            "enabled",
            FieldType.BOOLEAN,
            "Whether events are looked at; not given: left as it is.",
            default=True,
            left_alone=True,
        ),
        Field("tags", FieldType.STRING_SET, "Set of tags.", identity=str),
        Field(
            "trigger",
            FieldType.OBJECT,
            "When to act, in the API's spelling: `type` is event (default), compound, sequence or, "
            "in Prefect Cloud, metric; `posture` is Reactive or Proactive; `within` is in seconds, "
            "or text like `PT1H`.",
            required=True,
        ),
        Field(
            "actions",
            FieldType.LIST,
            "What to do, each with its `type`, like run-deployment or send-notification; things "
            "are given by id.",
            required=True,
        ),
        Field("actionsOnTrigger", FieldType.LIST, "What to do as soon as it is triggered."),
        Field("actionsOnResolve", FieldType.LIST, "What to do when it is resolved again."),
        Field(
            "ownerResource",
            FieldType.STRING,
            "What it belongs to, like `prefect.deployment.UUID`. `prefect deploy` deletes all "
            "automations of a deployment; none by default.",
            change=Change.REPLACE,
        ),
    ),
    outputs=(Output("created", FieldType.STRING, "When the automation was made, UTC."),),
    import_id="NAME, if only one has it, or uuid",
)
