"""The verbs of the command, a module per group. Each is a thin wrapper of the Python API."""
