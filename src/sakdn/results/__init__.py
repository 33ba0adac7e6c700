"""What came out: scored, compared, explained, reported."""
