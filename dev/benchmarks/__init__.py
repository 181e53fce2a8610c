"""
How long checking takes, how much memory, and how many calls a deployment: `python -m dev.benchmarks`.

Everything is a ratio of two things measured in the same run, so that it means something on any
machine.
"""
