"""Measures what the pipeline finds against the known truth of simulated months."""
