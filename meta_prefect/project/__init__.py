"""
The project room: from a repository with flows to operations on a stack.

Finds and loads flows, names stacks, introduces builders, components, engine and provider to each
other (`wiring`), and decides what an operation covers. Prints nothing.
"""
