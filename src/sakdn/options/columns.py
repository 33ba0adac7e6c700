"""Columns of the clips table that are no sensors."""

REQUIRED = ("clip", "action", "action_name", "subject", "video")
SPAN = ("start_s", "end_s")
FOLD = "fold"  # Written by the clips stage where the protocol is cross_validation.
UNLABELLED = -1  # `action` of a clip without a label; an empty cell in the file.
OPTIONAL = ("recording", "group", "trial", "view", "scene", "session")
