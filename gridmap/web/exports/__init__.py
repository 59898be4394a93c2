"""Tables of pages as files: columns and rows as the pages show them."""
