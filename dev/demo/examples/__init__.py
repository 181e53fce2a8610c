"""
The examples, deployed, renewed, renamed and destroyed in a cloud of this machine.

``make examples``, or ``python -m dev.demo.examples`` from the root of the repository: it needs no AWS
account, writes nothing outside a temporary directory, and ends with a table of what was seen.
"""
