"""Land: from streets and buildings to cells that cover a town without gap or overlap."""
