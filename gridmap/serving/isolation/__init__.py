"""Web processes under an account of their own, which see only what they need."""
