"""Block types, schemas and documents of the fake Prefect."""

import copy
import hashlib
import json
from typing import Any

from tests.support.fake_rows import Refused, build_row, only, row_of

_STARS = "********"
_TYPE_DEFAULTS = dict.fromkeys(("logo_url", "documentation_url", "description", "code_example"))


class FakeBlocks:
    """
    Serves `/block_types`, `/block_schemas` and `/block_documents`.

    block_types, block_schemas, block_documents: rows by id; query: of the request that is served.
    """

    block_types: dict[str, dict[str, Any]]
    block_schemas: dict[str, dict[str, Any]]
    block_documents: dict[str, dict[str, Any]]
    deployments: dict[str, dict[str, Any]]
    query: dict[str, str]

    def _block_types(self, method, parts, body):
        match method, parts:
            case "POST", []:
                return self._make_type(body)
            case "POST", ["filter"]:
                return 200, list(self.block_types.values())
            case "GET", ["slug", slug]:
                return 200, self._type(slug)
            case "GET", ["slug", slug, "block_documents", "name", name]:
                type_id = self._type(slug)["id"]
                rows = [
                    row
                    for row in self.block_documents.values()
                    if (row["block_type_id"], row["name"]) == (type_id, name)
                ]
                return 200, self._show(only(rows), "include_secrets" in self.query)
            case "GET", [id]:
                return 200, row_of(self.block_types, id)
            case "PATCH", [id]:
                row_of(self.block_types, id).update(body)
                return 204, None
            case "DELETE", [id]:
                del self.block_types[row_of(self.block_types, id)["id"]]
                self._drop("block_type_id", id)
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _type(self, slug):
        return only([row for row in self.block_types.values() if row["slug"] == slug])

    def _make_type(self, body):
        for row in self.block_types.values():
            if row["name"] == body["name"]:
                return 201, row  # whatever slug was asked for
            if row["slug"] == body["slug"]:
                raise Refused(409, f'Block type with name "{body["name"]}" already exists')
        return 201, build_row(self.block_types, body, **_TYPE_DEFAULTS)

    def _drop(self, key, id):
        for table in (self.block_schemas, self.block_documents):
            for row in [row for row in table.values() if row.get(key) == id]:
                del table[row["id"]]

    def _block_schemas(self, method, parts, body):
        match method, parts:
            case "POST", []:
                return self._make_schema(body)
            case "POST", ["filter"]:
                types = body["block_schemas"]["block_type_id"]["any_"]
                rows = [r for r in self.block_schemas.values() if r["block_type_id"] in types]
                return 200, rows[::-1]
            case "GET", [id]:
                return 200, row_of(self.block_schemas, id)
            case "DELETE", [id]:
                del self.block_schemas[row_of(self.block_schemas, id)["id"]]
                self._drop("block_schema_id", id)
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _make_schema(self, body):
        row_of(self.block_types, body["block_type_id"])
        hashed = {key: value for key, value in body["fields"].items() if key != "secret_fields"}
        checksum = hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()
        for row in self.block_schemas.values():
            if (row["checksum"], row["version"]) == (checksum, body["version"]):
                return 200, row
        return 201, build_row(self.block_schemas, body, checksum=checksum)

    def _block_documents(self, method, parts, body):
        match method, parts:
            case "POST", []:
                return self._make_document(body)
            case "POST", ["filter"]:
                rows = self._find_documents(body)
                return 200, [self._show(row, body.get("include_secrets")) for row in rows]
            case "POST", ["count"]:
                return 200, len(self._find_documents(body))
            case "PATCH", [id]:
                self._change_document(row_of(self.block_documents, id), body)
                return 204, None
            case "DELETE", [id]:
                del self.block_documents[row_of(self.block_documents, id)["id"]]
                self.deployments = {
                    key: row
                    for key, row in self.deployments.items()
                    if row["storage_document_id"] != id
                }
                return 204, None
        raise Refused(405, "Method Not Allowed")

    def _make_document(self, body):
        for row in self.block_documents.values():
            if not body["is_anonymous"] and all(
                row[key] == body[key] for key in ("name", "block_type_id")
            ):
                raise Refused(409, "Block already exists")
        row_of(self.block_schemas, body["block_schema_id"])
        row = build_row(self.block_documents, body)
        row["name"] = row["name"] or f"anonymous-{row['id']}"
        return 201, self._show(row, include_secrets=False)

    def _change_document(self, row, body):
        if not body.get("merge_existing_data", True):
            row["data"] = {}
        row["data"] = {**row["data"], **body["data"]}
        row["block_schema_id"] = body.get("block_schema_id") or row["block_schema_id"]

    def _find_documents(self, body):
        documents = body.get("block_documents", {})
        rows = list(self.block_documents.values())
        if "is_anonymous" not in documents:
            rows = [row for row in rows if not row["is_anonymous"]]
        for key in ("id", "block_type_id"):
            if key in documents:
                rows = [row for row in rows if row[key] in documents[key]["any_"]]
        if "block_schemas" in body:
            wanted = body["block_schemas"]["id"]["any_"]
            rows = [row for row in rows if row["block_schema_id"] in wanted]
        return rows

    def _show(self, row, include_secrets):
        """Show a document with its type, its schema, and what it refers to in place."""
        schema = self.block_schemas[row["block_schema_id"]]
        data, references = copy.deepcopy(row["data"]), {}
        for key, value in row["data"].items():
            if isinstance(value, dict) and "$ref" in value:
                target = self.block_documents[value["$ref"]["block_document_id"]]
                data[key] = self._show(target, include_secrets)["data"]
                references[key] = {"block_document": {"id": target["id"]}}
        if not include_secrets:
            for name in schema["fields"].get("secret_fields", ()):
                _hide(data, name.split("."))
        return {
            **row,
            "data": data,
            "block_type": self.block_types[row["block_type_id"]],
            "block_schema": schema,
            "block_document_references": references,
        }


def _hide(data, path):
    key, *rest = path
    for name in list(data) if key == "*" else [key] if key in data else []:
        if rest and isinstance(data[name], dict):
            _hide(data[name], rest)
        else:
            data[name] = _STARS
