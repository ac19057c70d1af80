"""One door for every write: ``registry.action`` makes one, ``door.run`` is what a call goes through."""
