"""What one does with a student or a finished run."""
