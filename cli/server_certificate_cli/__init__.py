"""The command ``server-certificate``: check, inspect and convert on the desk; store, list and show in AWS."""
