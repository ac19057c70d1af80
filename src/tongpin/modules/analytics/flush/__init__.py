"""From the inbox to the store: rows out of arrivals, what the store knows of them, who hears of them."""
