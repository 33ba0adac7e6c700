"""Recordings: read, found, listed, checked, made."""
