"""What one viewer sees of one video: the one door from ids to JSON, and the page behind a share link.

Composes what videos, media and people know, in a fixed number of queries however many cards are asked for.
"""
