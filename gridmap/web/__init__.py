"""Pages and answers: parse, call one use case, render."""
