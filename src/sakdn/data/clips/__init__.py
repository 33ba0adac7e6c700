"""The clips table: columns, split, windows, problems."""
