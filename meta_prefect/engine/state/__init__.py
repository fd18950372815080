"""
Stored state: Pulumi's file layout and checkpoint format, read and written.

Has a reader half and a writer half; whoever only looks takes the reader. Writes are atomic and
journaled. Knows nothing of programs, steps or providers.
"""
