"""
The implementations room: builders that flow authors write above their flows.

Builders record what a flow needs; a worker imports them with the flow, so this room imports
`interfaces` and Prefect, and never Pulumi or a cloud library, not even inside a function.
"""
