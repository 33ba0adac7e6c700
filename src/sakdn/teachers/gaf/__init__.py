"""Signals as Gramian angular field images."""
