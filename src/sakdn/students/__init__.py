"""The video networks: their frames, methods and scores."""
