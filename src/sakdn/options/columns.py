"""Columns of the clips table that are no sensors."""

REQUIRED = ("clip", "action", "action_name", "subject", "video")
OPTIONAL = ("recording", "trial", "view", "scene", "session")
