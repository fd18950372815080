"""Automations of the fake Prefect, as far as the provider sends well-formed ones."""

import copy
from typing import Any

from tests.support.fake_rows import Refused, build_id, build_row, row_of

_DEFAULTS = {
    "description": "",
    "enabled": True,
    "tags": [],
    "actions_on_trigger": [],
    "actions_on_resolve": [],
}


class FakeAutomations:
    """
    Serves `/automations`.

    automations: rows by id.
    """

    automations: dict[str, dict[str, Any]]

    def _automations(self, method, parts, body):
        match method, parts:
            case "POST", []:
                values = {key: value for key, value in body.items() if key != "owner_resource"}
                return 201, build_row(self.automations, _with_ids(values), **_DEFAULTS)
            case "POST", ["filter"]:
                return 200, self._find_automations(body.get("automations") or {})
            case "PUT", [id]:
                row_of(self.automations, id).update(_with_ids(body))
                return 204, None
            case "PATCH", [id]:
                row_of(self.automations, id).update({"enabled": True, **body})
                return 204, None
            case "DELETE", [id]:
                del self.automations[row_of(self.automations, id)["id"]]
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _find_automations(self, criteria):
        rows = list(self.automations.values())
        for key in ("id", "name"):
            if key in criteria:
                rows = [row for row in rows if row[key] in criteria[key]["any_"]]
        wanted = set(criteria.get("tags", {}).get("all_", ()))
        return [row for row in rows if wanted <= set(row["tags"])]


def _with_ids(body):
    """Give every trigger a new id, and its sets the order that they happen to have."""
    body = copy.deepcopy(body)
    if "trigger" in body:
        _renew(body["trigger"])
    return body


def _renew(trigger):
    trigger["id"] = build_id()
    for key in ("expect", "after", "for_each"):
        if key in trigger:
            trigger[key] = trigger[key][::-1]
    for inner in trigger.get("triggers", ()):
        _renew(inner)
