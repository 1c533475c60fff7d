"""Reconcile: accepted events into cases, and what each recipient may know of them."""
