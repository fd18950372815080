"""
The embedded engine: Pulumi's deployment engine in one Python process.

Four parts in Pulumi's own words: a source (`monitor` runs the program and hands on what it
registers), the step `generator`, the `executor`, and `snapshots`. Decisions are made in the
generator and done in the executor; only `snapshots` writes state.
"""
