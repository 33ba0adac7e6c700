"""A file on disk, as an array."""
