"""Default operator classes, which an index need not name (``pg_opclass.opcdefault``, version 15)."""

from __future__ import annotations

_ORDERED = """array bit bool bpchar bytea char date enum float4 float8 inet int2 int4 int8 interval jsonb macaddr macaddr8 money
    multirange name numeric oid oidvector pg_lsn range record text tid time timestamp timestamptz timetz tsquery tsvector uuid
    varbit xid8"""
_HASHED = """aclitem array bool bpchar bytea char cid date enum float4 float8 inet int2 int4 int8 interval jsonb macaddr
    macaddr8 multirange name numeric oid oidvector pg_lsn range record text tid time timestamp timestamptz timetz uuid xid xid8"""
_DEFAULTS = {
    method: frozenset(f"{name}_ops" for name in names.split())
    for method, names in {
        "btree": _ORDERED,
        "hash": _HASHED,
        "gin": "array jsonb tsvector",
        "gist": "box circle multirange point poly range tsquery tsvector",
        "spgist": "box inet poly quad_point range text",
    }.items()
}


def explicit_opclass(opclass: str | None, method: str | None) -> str | None:
    """Operator class to write in an index; ``None`` for the default of its type."""
    if opclass is None:
        return None
    bare = opclass.removeprefix("pg_catalog.")
    if method == "brin" and bare.endswith("_minmax_ops"):
        return opclass if bare == "inet_minmax_ops" else None
    return None if bare in _DEFAULTS.get(method or "btree", ()) else opclass
