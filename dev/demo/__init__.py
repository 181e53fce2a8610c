"""
The whole life of a certificate, shown and checked in a cloud of this machine.

``make demo``, or ``python -m dev.demo`` from the root of the repository: it needs no AWS account, writes
nothing outside a temporary directory, and ends with a table of what was expected and what was seen.
"""
