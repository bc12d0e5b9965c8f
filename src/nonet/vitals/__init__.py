"""How the server does, in figures: work, mail, events, the disk and the day it is full, what requests were answered.

Owns the operator's look at all of it, what of it needs them, and the mail that says so. Refuses to know what any of it
means to people, and changes nothing of it.
"""
