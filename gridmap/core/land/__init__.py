"""The land of a town: from streets and buildings to cells that cover it without gap or overlap."""
