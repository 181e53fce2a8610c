"""
Adoption and a construct that moves, played step by step through the real CDK CLI in the local cloud.

``python -m dev.adoption`` prints what IAM holds after each step, and fails if it isn't what it must be.
"""
