"""
AWS in one process, for the function's real handler: an account, Lambda and CloudFormation.

The clients are boto3's own, and reach the local cloud's IAM without a network. CloudFormation and
Lambda are models. They do on demand what neither the emulator nor AWS does on demand: roll back by
Update, cancel a running creation, lose answers, kill functions, deliver events twice and late.
"""
