"""Drafts of imports: uploaded, read by a job, decided about, applied by a job."""
