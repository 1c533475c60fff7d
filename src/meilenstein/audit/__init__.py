"""The audit trail: a hash chain of who did, saw or tried what, and a program with which outsiders check it."""
