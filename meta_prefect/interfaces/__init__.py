"""
The interfaces room: words that all rooms share.

Records, contracts, events and diagnostics. It imports the standard library only, holds no behaviour
beyond what a record needs, and is imported by every other room.
"""
