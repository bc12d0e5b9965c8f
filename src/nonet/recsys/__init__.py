"""Rates, values and slates of a feed, as pure functions over arrays. Imports nothing of ours."""
