"""One module an API: what its operations do, and how a snapshot looks on its wire."""
