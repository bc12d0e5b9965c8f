"""Finding people, videos and hashtags by words, and what is worth discovering now."""
