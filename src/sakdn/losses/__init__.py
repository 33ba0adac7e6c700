"""What a student is trained on: distillation losses, and SAKDN's own (GSDM)."""
