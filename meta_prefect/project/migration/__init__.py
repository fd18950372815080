"""
Migration: from a prefect.yaml to builders in flow files, and to a stack with what is deployed.

The file is read with its lines (`marked_yaml`), each deployment becomes calls of builders
(`conversion`, with the modules called `..._calls` and `build_outputs`). Each is made once to see
that it works (`trial`), and written above the flow (`flow_files`, `expressions`). What Prefect has
already (`deployed`) decides what the file leaves open. Whatever cannot be converted is a finding
with its line. `migration` puts it together. Runs no code of the user's. Not to be confused with the
engine's import, which comes after it.
"""
