"""People: what they show of themselves, who follows, blocks, mutes and restricts whom. The account's id is the key."""
