"""Inference attacks: readers who may see no persons learn nothing of them, whatever they request in which order."""
