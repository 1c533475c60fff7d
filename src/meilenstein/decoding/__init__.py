"""Records to events, whole batches at a time where the extra `fast` is installed; with the same outcome without it."""
