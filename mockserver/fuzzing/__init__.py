"""`oxen-mock fuzz`: a running server under requests that its documents make up."""
