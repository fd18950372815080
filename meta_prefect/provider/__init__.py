"""
The provider room: Prefect as a Pulumi provider.

Implements the contract of `interfaces.provider` for everything a Prefect server holds and for a
local server and worker. `client` is the only module that talks to Prefect's API; nothing here
imports Prefect itself, Pulumi's engine or a view. May import `interfaces`, an HTTP client and, in
`sdk` and `plugin`, Pulumi.

What there is, field by field, is in `REFERENCE.md`, written from the tables in `handlers`. Kinds of
`prefect:index` and `prefect:local` are tried on a real server; those of `prefect:cloud` were never
run against Prefect Cloud. Plain Pulumi finds the provider by `pulumi-plugin.json`, beside the
package, and `installation` puts it into Pulumi's plugin folder.
"""
