"""Labels on things, reports of them, decisions with reasons, appeals, and the audit log.

A thing is a kind and a number; what it is, its owner's slice knows. Everyone above asks; this slice asks nobody.
"""
