"""A stand-in for the Oxen hub's evaluation API."""
