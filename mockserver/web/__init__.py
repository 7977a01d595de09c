"""The Flask side: requests in, responses out, and the headers a browser needs."""
