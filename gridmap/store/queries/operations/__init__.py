"""Questions of the operation of the database."""
