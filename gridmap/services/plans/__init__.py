"""Plans: revisions, moves, partitions and adoption."""
