"""Events from files: read a table of any common kind, say what its columns are, make records of its rows. Pure."""
