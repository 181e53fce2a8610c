"""
What happens when anything fails at any moment: the fault table and the search.

Both run the function's real handler against the local cloud's IAM, in the simulator.
"""
