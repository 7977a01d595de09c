"""The pure core: time, life cycles and rules, on the standard library alone.

Nothing here reads a clock, a file or a random source, starts a thread or writes a log.
"""
