"""Which videos come next: For You and Following, why each was chosen, and what a person said about that."""
