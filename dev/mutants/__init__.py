"""
Remove one statement or one condition at a time from the handler's decisions, and see which test notices.

Written here, because no tool on PyPI does it. mutmut 3.8 selects tests and forks as this does, but
deletes no statement, leaves the conditions of `if` and `while` alone, swaps `and` and `or` instead
of dropping an operand, and skips properties. cosmic-ray 8.7 deletes and drops none either, and runs
all tests, in a new process, for each. mutatest 3.1 is of 2022 and wants coverage 5.
"""
