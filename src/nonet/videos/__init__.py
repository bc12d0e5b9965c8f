"""A published thing: its caption and settings, who may see it, its life from draft to published.

Owns the row a person writes; knows its asset by number and asks ``media`` about it. Knows no feed, like or comment.
"""
