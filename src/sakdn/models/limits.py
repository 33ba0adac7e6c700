"""Limits of networks that the config's check must know without loading PyTorch."""

MAX_TRN_SEGMENTS = 20  # The multi-scale TRN lists all tuples of segments: a million at 20.
