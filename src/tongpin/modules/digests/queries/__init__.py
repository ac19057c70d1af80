"""What pages, the queue and jobs read."""
