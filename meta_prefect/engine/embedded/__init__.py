"""
The embedded engine: Pulumi's deployment engine in one Python process.

Four parts in Pulumi's own words: a source (`program` runs the program, `monitor` hears what it
registers and `registrations` answers), the step `generator`, the `executor`, and `snapshots`.
Decisions are made in the generator and done in the executor; only `snapshots` writes state.
`operation` puts the phases in order: refresh, program, deletions.
"""
