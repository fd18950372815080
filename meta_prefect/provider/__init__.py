"""
The provider room: Prefect as a Pulumi provider.

Implements the contract of `interfaces.provider` for everything a Prefect server holds and for a
local server and worker. `client` is the only module that talks to Prefect's API; nothing here
imports Prefect itself, Pulumi's engine or a view. May import `interfaces`, an HTTP client and, in
`sdk` and `plugin`, Pulumi.
"""
