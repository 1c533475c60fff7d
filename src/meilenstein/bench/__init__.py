"""The bench: how fast the pipeline is on this machine, beside a fixed script that only polls and decodes."""
