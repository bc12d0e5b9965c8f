"""What happened to a person: notifications in the inbox, and pushed to their devices. Knows no video or comment."""
