"""The data rules: one Great Expectations suite per event type, interpreted alike before sending and by the hub."""
