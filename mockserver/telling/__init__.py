"""What was asked, answered and broken, in words for a person and in files for other tools."""
