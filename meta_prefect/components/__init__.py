"""
The components room: Pulumi component resources, one sensible thing each.

Turns requirement records and deployment specs into resources of `provider.sdk` and of official
Pulumi packages. Never talks to Prefect, never reads flow files. Logical names of children are a
public contract: changing one replaces a user's resource.
"""
