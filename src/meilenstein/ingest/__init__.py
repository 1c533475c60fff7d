"""Drain: Kafka records into the journal, exactly once."""
