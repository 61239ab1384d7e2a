"""Compares claims and says what to do: rules are data, breaks carry their money, and every difference is explained.

`run` executes the rules over the warehouse and writes ``recon.*``. A rule is one file in `reconcile/rules/`, see
`reconcile.rule`.
"""
