-- Everything there is, in creation order. SQLite keeps the text of each CREATE statement (and edits it on ALTER), so the
-- text is the catalogue: constraint names, CHECKs, collations and conflict clauses stand nowhere else.
SELECT type, name, tbl_name, sql
FROM sqlite_master
WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY rowid
