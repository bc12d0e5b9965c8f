"""What someone shows of themselves: name, bio, link, picture. The account's id is the key."""
