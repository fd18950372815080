"""What the parts of the fake Prefect share: refusals, and rows by key."""

import uuid

CREATED = "2026-01-02T03:04:05.678901Z"


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status, detail):
        super().__init__(detail)
        self.status = status
        self.detail = detail


def build_id():
    """Make an id."""
    return str(uuid.uuid4())


def row_of(rows, key):
    """Give a row; it is a 404 when there is none."""
    if key not in rows:
        raise Refused(404, "not found")
    return rows[key]


def only(rows):
    """Give the first row; it is a 404 when there is none."""
    if not rows:
        raise Refused(404, "not found")
    return rows[0]


def page_of(rows, body, entity):
    """Give a page of the rows that meet an entity's criteria, each `any_` of a field's values."""
    criteria = body.get(entity, {})
    fitting = [
        row for row in rows if all(row[field] in rule["any_"] for field, rule in criteria.items())
    ]
    start = body.get("offset", 0)
    return fitting[start : start + body.get("limit", 200)]


def build_row(table, body, **defaults):
    """Make a row and put it in its table under its id."""
    row = {**defaults, **body, "id": build_id(), "created": CREATED}
    table[row["id"]] = row
    return row
