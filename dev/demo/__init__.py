"""
The life of a certificate, shown and checked in an AWS on this machine.

``make demo``, or ``python -m dev.demo`` from the root of the repository, needs no AWS account, writes
nothing outside a temporary directory, and ends with a table of what was expected and what happened.
"""
