"""Pages: parse, run an action, render."""
