"""
Measure the time and memory of checks, and the calls of a deployment: `python -m dev.benchmarks`.

Each result is a ratio of two measurements of the same run, so that it is comparable between machines.
"""
