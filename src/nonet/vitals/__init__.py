"""How the server does, in figures: work, mail, events, the disk and the day it is full, what requests were answered.

Owns the operator's look at all of it. Refuses to know what any of it means to people, and changes nothing.
"""
