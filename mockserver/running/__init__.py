"""What `oxen-mock run` does: a command with a server of its own, and what there is to say of it."""
