"""The sandbox's systems: which native calls each takes, and what it does by itself afterwards.

One module per system, or several: ``netsuite.py``, ``netsuite_billing.py``. A module offers ``HANDLERS`` (a tuple of
`ingest.sandbox.call.Handler`) and may offer ``AFTER``. More literal paths win, so a module for one object may refine
what the generic one does.
"""
