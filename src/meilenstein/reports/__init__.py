"""The validation report: how a day, a month or one run was, and what to do next; as a page for people and as JSON."""
