"""Sheets of people and places: fields of each kind, their reading with all faults of rows, templates, marked copies."""
