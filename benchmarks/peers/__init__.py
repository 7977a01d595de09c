"""What `compare.py` is made of: servers side by side, each asked the same and each verified."""
