"""IAM's server-certificate actions, as strict as IAM."""
