"""Every option of a run, declared once: type, default, range and meaning; see `config`."""
