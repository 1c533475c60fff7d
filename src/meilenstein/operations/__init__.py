"""What operators do around the four steps: contracts, topics, status, the journal's balance."""
