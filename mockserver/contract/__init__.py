"""The OpenAPI side: documents, repairs, overlays, routes, and the judge of both directions."""
