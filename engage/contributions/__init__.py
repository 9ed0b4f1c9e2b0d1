"""The ledger: every voice, what was decided about it, and the code with which a person can follow it."""
