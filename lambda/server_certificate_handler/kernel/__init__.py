"""The life cycle of a certificate as pure functions: decide the next step from the observed state."""
