"""Hypothesis strategies for whoever tests a client of the APIs."""
