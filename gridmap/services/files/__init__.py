"""Use cases from file to file, without a database: partition, check, repair, estimate and map."""
