"""The pure core: from a set of accepted events to the state of each case, the same bytes for any order or batching.

Nothing here reads a file, a clock or the environment. `settle.settle` is the one entry point.
"""
