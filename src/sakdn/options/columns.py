"""Columns of the clips table that are no sensors."""

REQUIRED = ("clip", "action", "action_name", "subject", "video")
SPAN = ("start_s", "end_s")
OPTIONAL = ("recording", "trial", "view", "scene", "session")
