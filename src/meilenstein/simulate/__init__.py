"""Plausible Saxony with known truth: invented months of milestones from a seed number, and the example case."""
