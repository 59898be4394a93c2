"""Commands of the operator: service, database, keys, installation."""
