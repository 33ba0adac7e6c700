"""The demo data set: an articulated figure, filmed and worn by sensors at once."""
