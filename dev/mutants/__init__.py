"""
Remove one statement or condition at a time from the handler's decisions, and list what no test notices.

No tool on PyPI does this. mutmut 3.8 selects tests and forks in the same way, but deletes no
statements, doesn't change the conditions of `if` and `while`, swaps `and` and `or` instead of dropping
an operand, and skips properties. cosmic-ray 8.7 doesn't delete or drop either, and runs all tests in a
new process for each mutant. mutatest 3.1 is from 2022 and needs coverage 5.
"""
