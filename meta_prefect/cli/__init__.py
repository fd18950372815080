"""
The command-line room: commands, prompts and views; the only room that prints.

Each command is parse, call, show. Help must stay light: nothing here imports Prefect, Pulumi, gRPC
or rich before a command needs it.
"""
