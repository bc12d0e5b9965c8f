"""What people watched and did, as an append-only log, with the counters and watch histories folded from it.

Knows a video as a subject: its number, owner, length, tags and sound, which ``videos`` registers.
"""
