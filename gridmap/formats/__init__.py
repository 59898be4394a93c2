"""Input and output files, one module for each format."""
