"""Rates, tastes, values and slates of a feed, as pure functions over arrays. Imports nothing of ours.

Read in the order of a page: ``rates`` (what is known of a video from few counts), ``taste`` (what a person likes, from
how their watches went), ``values`` (what a video is worth to them), ``slate`` (which ones make a good page, and how
likely each was to be chosen).
"""
