"""Where the function reads material from: one service a file. The only reader of secrets."""
