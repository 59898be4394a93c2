"""The first day written: subdistricts that are still empty, pictures, drafts."""
