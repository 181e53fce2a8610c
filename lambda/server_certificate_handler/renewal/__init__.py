"""
Watch certificates, and have CloudFormation renew them when their secret gets a new version.

The renewal function has the same code as the function behind the custom resource, but its own entry
point and role. It never reads a secret.
"""
