"""What operators do around the four steps: contracts and topics, following, balance and lag, resuming, backups."""
