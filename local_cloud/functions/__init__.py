"""Files that run in the processes of Lambda functions; nothing of the local cloud imports them."""
