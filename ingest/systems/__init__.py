"""One module per vendor. Drop a file with a docstring and `SYSTEM` here, and the vendor is known."""
