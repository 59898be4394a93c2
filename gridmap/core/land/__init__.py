"""Land: streets and buildings become cells that cover a town without gap or overlap."""
