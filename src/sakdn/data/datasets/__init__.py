"""Who finds which data set."""
