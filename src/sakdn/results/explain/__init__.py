"""Pictures of why the networks said what they said about single clips."""
