"""Feedback: the outbox to the partners' topics."""
