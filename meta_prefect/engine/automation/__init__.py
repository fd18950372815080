"""
The real engine: drives a `pulumi` executable with the program in this process.

Same contract, events and results as the embedded engine. It speaks the protocol of Pulumi's
Automation API (the same commands, flags and gRPC services) without that package's `Stack`: an `up`
of it runs three more commands to give what the events have said already, and it keeps the child to
itself, so that nobody could interrupt it.
"""
