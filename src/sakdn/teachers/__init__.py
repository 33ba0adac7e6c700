"""The sensors' networks: images, answers, knowledge."""
