"""
Pulumi classes for Prefect: the API as it is, one class for each resource type.

Used inside Pulumi programs, ours and a team's own. Imports only Pulumi. Not to be confused with
`components`, which make one sensible thing each out of these.
"""
