"""The renewal and the watch of certificates: the function, its schedule, and CloudFormation's role."""
