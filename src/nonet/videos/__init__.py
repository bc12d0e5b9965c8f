"""Nonet."""
