"""IAM's server-certificate actions, strict as IAM itself."""
