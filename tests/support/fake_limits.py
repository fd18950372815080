"""Variables and concurrency limits of the fake Prefect."""

from typing import Any

from tests.support.fake_rows import Refused, build_row, only, page_of, row_of


class FakeVariables:
    """
    Serves `/variables`.

    variables: rows by id.
    """

    variables: dict[str, dict[str, Any]]

    def _variables(self, method, parts, body):
        match method, parts:
            case "POST", []:
                if any(row["name"] == body["name"] for row in self.variables.values()):
                    raise Refused(409, f"A variable with the name {body['name']!r} already exists.")
                return 201, build_row(self.variables, body, tags=[])
            case "POST", ["filter"]:
                return 200, page_of(self.variables.values(), body, "variables")
            case "GET", ["name", name]:
                return 200, only([r for r in self.variables.values() if r["name"] == name])
            case "PATCH", [id]:
                if body.get("tags", []) is None:
                    raise Refused(409, "Data integrity conflict.")
                row_of(self.variables, id).update(body)
                return 204, None
            case "DELETE", [id]:
                del self.variables[row_of(self.variables, id)["id"]]
                return 204, None
        raise Refused(405, "Method Not Allowed")


class FakeLimits:
    """
    Serves `/v2/concurrency_limits` and `/concurrency_limits`.

    limits: rows by id; tag_limits: rows by tag.
    """

    limits: dict[str, dict[str, Any]]
    tag_limits: dict[str, dict[str, Any]]

    def _v2(self, method, parts, body):
        match method, parts[1:]:
            case "POST", []:
                if any(row["name"] == body["name"] for row in self.limits.values()):
                    raise Refused(409, "Data integrity conflict.")
                defaults = {"active": True, "slot_decay_per_second": 0.0, "active_slots": 0}
                return 201, build_row(self.limits, body, **defaults)
            case "POST", ["filter"]:
                return 200, page_of(self.limits.values(), body, "concurrency_limits")
            case "GET", [key]:
                return 200, self._limit(key)
            case "PATCH", [key]:
                self._limit(key).update(body)
                return 204, None
            case "DELETE", [key]:
                del self.limits[self._limit(key)["id"]]
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _limit(self, key):
        return only([row for row in self.limits.values() if key in (row["id"], row["name"])])

    def _concurrency_limits(self, method, parts, body):
        match method, parts:
            case "POST", []:
                known = self.tag_limits.get(body["tag"])
                row = known or build_row({}, body, active_slots=[])
                row["concurrency_limit"] = body["concurrency_limit"]
                self.tag_limits[body["tag"]] = row
                return (200 if known else 201), row
            case "POST", ["filter"]:
                return 200, page_of(self.tag_limits.values(), body, "concurrency_limits")
            case "GET", ["tag", tag]:
                return 200, row_of(self.tag_limits, tag)
            case "DELETE", ["tag", tag]:
                del self.tag_limits[row_of(self.tag_limits, tag)["tag"]]
                return 200, None
        raise Refused(405, "Method Not Allowed")
