"""From file to file: partition, check, repair, estimate and map without a database."""
