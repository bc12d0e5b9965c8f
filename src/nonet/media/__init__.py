"""Files that become playable: uploads, what is made of them, and the way their bytes leave.

Owns uploads, assets, their files, steps and caption tracks. Knows an owner by number and no video, caption or follower:
whoever publishes an asset says so through ``service.set_public``, and learns of its progress by topics
(``media.begun`` when an upload starts, ``media.ready`` when its first version plays).
"""
