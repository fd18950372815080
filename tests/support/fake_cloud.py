"""
A Prefect Cloud in memory, as far as the provider's handlers use one.

Its routes and bodies are those of Prefect's published clients; nothing of it was compared with the
real one.
"""

import json

import httpx

from tests.support.fake_rows import CREATED, Refused, build_id, build_row, only, row_of

API_URL = "https://api.prefect.cloud/api/accounts/acme/workspaces/main"
USER = "00000000-0000-0000-0000-0000000000aa"
"""Who is there from the beginning, and a member of the account."""
_FILTERS = {"bots": "service_accounts"}
_SETTINGS = (
    "allow_public_workspaces",
    "ai_log_summaries",
    "managed_execution",
    "enforce_webhook_authentication",
)


class FakeCloud:
    """
    Holds the rows of one account and answers requests.

    tables: rows by id, by the last part of a path; the account is a row itself. requests: (method,
    path, body) below the account, or below the API for what is no account's. faults: called with
    each request before it is served; may give an answer or raise. slas: by resource; access: by the
    kind of thing and its id.
    """

    def __init__(self):
        names = ("workspaces", "workspace_roles", "teams", "bots", "webhooks", "account_roles")
        access = ("user_access", "bot_access", "team_access")
        self.tables = {name: {} for name in (*names, *access)}
        self.slas = {}
        self.access = {}
        self.requests = []
        self.faults = lambda request: None
        build_row(self.tables["account_roles"], {"name": "Member"})
        build_row(self.tables["account_roles"], {"name": "Admin"})
        self._settle()

    def _settle(self):
        """Put in what nobody makes by the API."""
        self.tables |= {"accounts": {}, "users": {}, "account_memberships": {}, "api_keys": {}}
        account = {"name": "Acme", "handle": "acme", "domain_names": [], "link": None}
        account["settings"] = dict.fromkeys(_SETTINGS, False)
        self.tables["accounts"]["acme"] = {**account, "id": "acme", "created": CREATED}
        names = {"handle": "marvin", "first_name": "Marvin", "last_name": "Duck"}
        user = {**names, "email": "marvin@acme.example", "actor_id": "actor-of-marvin"}
        self.tables["users"][USER] = {**user, "id": USER, "created": CREATED}
        member = {**user, "user_id": USER, "account_role_id": self.role("Member")}
        build_row(self.tables["account_memberships"], member)

    @property
    def transport(self):
        """What a client takes in place of the network."""
        return httpx.MockTransport(self._answer)

    @property
    def writes(self):
        """The requests that change something."""
        return [
            (method, path, body)
            for method, path, body in self.requests
            if method != "GET" and not path.endswith("/filter")
        ]

    def role(self, name):
        """Give the id of an account role."""
        return only([r for r in self.tables["account_roles"].values() if r["name"] == name])["id"]

    async def _answer(self, request):
        body = json.loads(request.content) if request.content else None
        assert request.headers["Authorization"] == "Bearer key"
        path = request.url.path.removeprefix("/api").removeprefix("/accounts/acme")
        self.requests.append((request.method, path, body))
        answer = self.faults(request)
        if answer is not None:
            return answer
        parts = [part for part in path.split("/") if part]
        if parts[:1] == ["workspaces"] and len(parts) > 2:
            parts = parts[2:]
        try:
            status, answer = self._route(request.method, parts, body)
        except Refused as refused:
            return httpx.Response(refused.status, json={"detail": refused.detail})
        return httpx.Response(status, json=answer) if answer is not None else httpx.Response(status)

    def _route(self, method, parts, body):
        name, *rest = parts or [""]
        if name in {"", "settings", "domains"}:
            return self._serve_account(method, name, body)
        if rest[1:2] == ["api_keys"]:
            return self._serve_key(method, rest[2:], body)
        if name == "slas":
            self.slas[rest[1]] = body
            return 200, {}
        if rest[1:] == ["access"]:
            return self._serve_access(method, (name, rest[0]), body)
        return self._serve(method, parts, body)

    def _serve(self, method, parts, body):
        name, *rest = parts
        rows = self.tables[name]
        match method, rest:
            case "POST", ["filter"]:
                return 200, _matching(rows, body.get(_FILTERS.get(name, name), {}))
            case (("POST" | "PUT"), []) if name.endswith("_access"):
                return 200, [_upsert(rows, f"{name.removesuffix('_access')}_id", body[0])]
            case "POST", []:
                return 201, self._make(name, body)
            case "POST", [id, "rotate_api_key"]:
                row = row_of(rows, id)
                row["api_key"] = _new_key(body["api_key_expiration"])
                return 201, row
            case "PUT", [id, "members"]:
                for member in body["members"]:
                    row_of(rows, id).setdefault("memberships", []).append(_member(member))
                return 200, {}
            case "DELETE", [id, "members", member]:
                row = row_of(rows, id)
                row["memberships"] = [m for m in row["memberships"] if m["member_id"] != member]
                return 204, None
        return self._serve_one(rows, method, rest, body)

    def _serve_account(self, method, part, body):
        row = row_of(self.tables["accounts"], "acme")
        match method, part:
            case "GET", "":
                return 200, row
            case "GET", "domains":
                return 200, [{"name": name} for name in row["domain_names"]]
            case "PATCH", "settings":
                assert body.keys() == set(_SETTINGS)
                row["settings"] = body
            case "PATCH", _:
                row.update(body)
            case "DELETE", "":
                del self.tables["accounts"]["acme"]
        return 204, None

    def _serve_key(self, method, rest, body):
        rows = self.tables["api_keys"]
        if method == "POST":
            return 201, build_row(rows, body, key=f"pnu_{build_id()}", expiration=None)
        row = row_of(rows, rest[0])
        if method == "DELETE":
            del rows[row["id"]]
            return 204, None
        return 200, {key: value for key, value in row.items() if key != "key"}

    def _serve_access(self, method, key, body):
        if method == "PUT":
            self.access[key] = _as_actors(body["access_control"])
            return 204, None
        return 200, row_of(self.access, key)

    def _serve_one(self, rows, method, rest, body):
        match method, rest:
            case "GET", []:
                return 200, list(rows.values())
            case "GET", [id]:
                return 200, _without_key(row_of(rows, id))
            case (("PATCH" | "PUT"), [id]):
                row_of(rows, id).update(self._with_role_name(body))
                return 204, None
            case "DELETE", [key]:
                found = only([r for r in rows.values() if key in {r["id"], r.get("team_id")}])
                del rows[found["id"]]
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _make(self, name, body):
        if name == "workspaces":
            return build_row(self.tables[name], body, account_id="acme")
        if name == "webhooks":
            return build_row(self.tables[name], body, slug=f"slug-of-{body['name']}")
        if name == "bots":
            sent = dict(body)
            key = _new_key(sent.pop("api_key_expiration", None))
            row = {"account_role_name": "Member", **self._with_role_name(sent)}
            return build_row(self.tables[name], row, actor_id=build_id(), api_key=key)
        return build_row(self.tables[name], body)

    def _with_role_name(self, body):
        role = self.tables["account_roles"].get(body.get("account_role_id"))
        if role is None:
            return body
        return {**body, "account_role_id": role["id"], "account_role_name": role["name"]}


def _matching(rows, criteria):
    found = [_without_key(row) for row in rows.values()]
    for key, rule in criteria.items():
        found = [row for row in found if row[key] in rule["any_"]]
    return found


def _as_actors(control):
    """Show ids as the answer does: one list for each level, teams among the others."""
    shown = {}
    for key, ids in control.items():
        level, members, _ = key.split("_")
        type = "team" if members == "team" else "user"
        shown.setdefault(f"{level}_actors", []).extend({"id": id, "type": type} for id in ids)
    return shown


def _upsert(rows, key, body):
    known = [row for row in rows.values() if row[key] == body[key]]
    if not known:
        return build_row(rows, body)
    known[0].update(body)
    return known[0]


def _new_key(expiration):
    return {"id": build_id(), "key": f"pnu_{build_id()}", "expiration": expiration}


def _without_key(row):
    if "api_key" not in row:
        return row
    return {**row, "api_key": {key: v for key, v in row["api_key"].items() if key != "key"}}


def _member(member):
    return {
        "id": f"actor-of-{member['member_id']}",
        "type": member["member_type"],
        "member_id": member["member_id"],
    }
