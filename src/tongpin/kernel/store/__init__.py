"""The store: where events are queried. One engine, ClickHouse, embedded or a cluster.

With nothing set a process of its own (``server``) runs chDB behind ClickHouse's HTTP protocol on loopback:
every caller is the unmodified ``clickhouse-connect`` HTTP client (``client``) in either case. Only this
package imports ``chdb`` or ``clickhouse_connect``. The modules of the serving process (``server``, ``front``,
``wire``, ``engine``, ``watch``, ``statement``, ``address``) import neither Django nor the product.
"""
