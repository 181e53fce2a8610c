"""
The examples, deployed, renewed, renamed and destroyed in an AWS on this machine.

``make examples``, or ``python -m dev.demo.examples`` from the root of the repository, needs no AWS
account, writes nothing outside a temporary directory, and ends with a table of what happened.
"""
