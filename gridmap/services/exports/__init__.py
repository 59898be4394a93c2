"""Files that leave the service, and their entries in the audit."""
