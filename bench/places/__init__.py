"""How finding a place grows with their number: synthetic bases, from 1,000 to 1,000,000 places."""
