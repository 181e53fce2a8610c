"""
What survives when anything fails at any moment: the fault table and the search.

Both drive the function's real handler against the local cloud's IAM, in the simulator.
"""
