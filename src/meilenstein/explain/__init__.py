"""Cases for people without a server: events from a file, judged and folded as the hub would, and put into words."""
