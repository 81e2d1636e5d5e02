"""Objects that depend on a column (``pg_depend``), of any schema."""

from __future__ import annotations

from collections.abc import Collection

from dbwarden.core.dialect import Connection, Server
from dbwarden.core.types import Ref
from dbwarden.dialects.base.names import literal

# Partitions are included: a column of a partitioned table is dropped and changed with theirs. Only ``deptype`` n blocks a
# drop: objects with a or i are dropped with the column (https://www.postgresql.org/docs/current/catalog-pg-depend.html).
_DEPENDENTS = """
SELECT DISTINCT w.nspname, w.relname, w.attname, o.kind, s.nspname::text, o.name::text, o.relname::text
FROM (VALUES {columns}) AS w (nspname, relname, attname)
JOIN pg_catalog.pg_namespace n ON n.nspname = w.nspname
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.relname
CROSS JOIN LATERAL (SELECT c.oid UNION SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) AS p) AS l (oid)
JOIN pg_catalog.pg_attribute a ON a.attrelid = l.oid AND a.attname = w.attname AND NOT a.attisdropped
JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = l.oid
    AND d.refobjsubid = a.attnum AND d.deptype = 'n'
CROSS JOIN LATERAL (
    SELECT CASE WHEN r.rulename <> '_RETURN' THEN 'rule' WHEN v.relkind = 'm' THEN 'materialized_view' ELSE 'view' END,
        v.relnamespace, CASE WHEN r.rulename = '_RETURN' THEN v.relname ELSE r.rulename END,
        CASE WHEN r.rulename <> '_RETURN' THEN v.relname END
    FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
    WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
    UNION ALL
    SELECT 'trigger', t.relnamespace, g.tgname, t.relname
    FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class t ON t.oid = g.tgrelid
    WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND g.oid = d.objid
    UNION ALL
    SELECT 'policy', t.relnamespace, p.polname, t.relname
    FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class t ON t.oid = p.polrelid
    WHERE d.classid = 'pg_catalog.pg_policy'::regclass AND p.oid = d.objid
    UNION ALL
    SELECT 'publication_table', t.relnamespace, p.pubname, t.relname
    FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
    JOIN pg_catalog.pg_class t ON t.oid = r.prrelid
    WHERE d.classid = 'pg_catalog.pg_publication_rel'::regclass AND r.oid = d.objid
    UNION ALL
    SELECT CASE f.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, f.pronamespace,
        f.proname || '(' || pg_catalog.pg_get_function_identity_arguments(f.oid) || ')', NULL
    FROM pg_catalog.pg_proc f
    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND f.oid = d.objid
    UNION ALL
    SELECT 'foreign_key', t.relnamespace, f.conname, t.relname
    FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class t ON t.oid = f.conrelid
    WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND f.oid = d.objid AND f.contype = 'f' AND f.conparentid = 0
) AS o (kind, namespace, name, relname)
JOIN pg_catalog.pg_namespace s ON s.oid = o.namespace
ORDER BY 5, 7, 4, 6
"""


def dependents(conn: Connection, columns: Collection[Ref], server: Server) -> tuple[tuple[Ref, Ref], ...]:
    """Pairs of a column and an object that depends on it, in one query."""
    default = server.default_schema or "public"
    wanted = {(ref.schema or default, ref.table or "", ref.name): ref for ref in columns}
    if not wanted:
        return ()
    rows = conn.query(
        _DEPENDENTS.format(
            columns=", ".join(f"({', '.join(map(literal, key))})" for key in sorted(wanted)),
        )
    )
    return tuple(
        (wanted[schema, table, column], Ref(kind, name, place if place != default else None, on))
        for schema, table, column, kind, place, name, on in rows
    )
