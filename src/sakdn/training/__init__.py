"""The training loop that teachers, fusion and students share."""
