"""Commands: each parses its options, calls one service and prints the result."""
