"""Answers drawn from a seed: strict ones, whatever a document permits, and broken ones."""
