"""Buildings that change, and land that is built anew."""
