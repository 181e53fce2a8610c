"""Requests: who may send them, what they call, and how calls are made to fail."""
