"""IAM's certificates and permissions."""
