"""
The embedded engine: Pulumi's deployment engine in one Python process.

Four parts in Pulumi's own words: a source (`program` runs the program, `monitor` hears what it
registers and `registrations` answers), the step `generator`, the `executor`, and `snapshots`.
Decisions are made in the generator and done in the executor; only `snapshots` writes state.
`operation` puts the phases in order: refresh, program, deletions.

Held to recordings of Pulumi 3.260 (`tests/cases/conformance`). Two of them end otherwise, by the
order in which registrations that do not need each other arrive before a failure: in `create-fails`
the innocent resource is made here, and in `random-20261-052` a component has its outputs already.
"""
