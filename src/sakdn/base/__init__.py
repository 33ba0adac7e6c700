"""The ground: errors, options, files, progress, devices."""
