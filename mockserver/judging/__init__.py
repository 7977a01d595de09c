"""Recorded traffic judged: by the contract, by the temporal rules, and for what it says of ours."""
