"""Plans as values: assignments of cells to grids, their rules, measures, codes and moves."""
