"""The partner SDK: publish milestones of a case, read the answers and the cases you may know."""
