"""The life of a certificate: observe, decide, act, note how to undo it. Pure, apart from ``run``."""
