"""
The real engine: drives a `pulumi` executable through the Automation API.

Same contract, events and results as the embedded engine.
"""
