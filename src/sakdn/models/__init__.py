"""The networks: teacher streams and their fusion, frame backbones and the video student."""
