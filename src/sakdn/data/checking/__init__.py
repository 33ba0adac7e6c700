"""What is wrong with the recordings, found before anything is trained on them."""
