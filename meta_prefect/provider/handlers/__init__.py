"""
One handler for each resource type: what its inputs mean and which requests they become.

A handler sees plain values, never the wire; it gets its client as an argument.
"""
