"""
Adopt a certificate and move a construct, step by step, with the real CDK CLI in the local cloud.

``python -m dev.adoption`` prints what IAM holds after each step, and fails if that is wrong.
"""
