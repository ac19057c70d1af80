"""Mail leaves only through the outbox: a row in the transaction that wants it, sent by the worker."""
