"""Goals: what a launch was expected to do, and what it did. First part: looking back 回看 on one launch."""
