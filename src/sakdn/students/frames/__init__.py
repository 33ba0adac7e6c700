"""Frames: stored, sampled, batched."""
