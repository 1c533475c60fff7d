"""Validate: one verdict for each journal row."""
