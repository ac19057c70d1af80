"""The wire protocols of the SDKs: bytes of a request in, records out, and the answer each SDK waits for.

Pure: no database, no settings, no clock but the one given. One module a protocol; ``routes`` finds it by address.
"""
