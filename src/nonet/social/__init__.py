"""What people do with videos and to each other: likes, saves, comments, reposts, shares, playlists, messages."""
