"""The demo community: clips made on this machine, plainly fictional people, weeks of watching.

Owns who they are, what they do, and how a start fills an empty database with them. Refuses to know how anything is
stored: beyond making people without a password, everything is done through the public API, as a browser does it.
"""
