"""Load balancers and CloudFront, which use certificates."""
