"""
The engine room: runs a program against stored state.

Two engines give the same operations: `automation` drives the Pulumi binary, `embedded` does it in
this process and keeps Pulumi's checkpoint format. Neither prints, asks or knows Prefect; providers
come from outside, events go to a callable. Not to be confused with `project.operations`, which
decides *what* to run.
"""
