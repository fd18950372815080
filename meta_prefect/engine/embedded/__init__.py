"""
The embedded engine: Pulumi's deployment engine in one Python process.

Four parts in Pulumi's own words: a source (`program` runs the program, `monitor` hears what it
registers and `registrations` answers), the step `generator`, the `executor`, and `snapshots`.
Decisions are made in the generator and done in the executor; only `snapshots` writes state.
`operation` puts the phases in order: refresh, program, deletions.

Functions of the program (`transforms`, `hooks`) are called over the server that its SDK starts for
them. Components of other processes are constructed by their plugins (`remote`), which register what
is in them over `monitor_server`. Whatever a program cannot do here is refused by name: extensions
of packages, state migrations, and destroying what has delete hooks without the program.

Held to recordings of Pulumi 3.260 (`tests/cases/conformance`). Two of them end otherwise, by the
order in which registrations that do not need each other arrive before a failure: in `create-fails`
the innocent resource is made here, and in `random-20261-052` a component has its outputs already.

One difference is meant. When Pulumi deletes a resource to make it anew, it also deletes what *was*
`deletedWith` or `replaceWith` it, even if the program has said otherwise before in the same run and
that resource was kept: its record would stand for nothing. Here such a resource stays. For the same
reason what waits to be made anew is never deleted a second time after its successor was made.

Faults are not copied, either. Pulumi writes a state that it refuses itself when only the parent of
what was renamed is in scope, stops at the outputs of a component that was skipped for a failure,
and loses a provider that is made anew along with what its configuration comes from.
"""
