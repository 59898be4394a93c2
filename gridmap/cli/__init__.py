"""Commands: parse, call one service, print."""
