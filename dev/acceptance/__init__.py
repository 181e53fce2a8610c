"""
Ask a real AWS account what the project relies on, and write down what it answers.

``python -m dev.acceptance`` explains itself and does nothing until ``ACCEPTANCE_ACCOUNT`` names the
account.
"""
