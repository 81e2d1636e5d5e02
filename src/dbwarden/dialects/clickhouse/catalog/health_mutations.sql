-- Unfinished mutations of this database whose last attempt failed.
SELECT table, mutation_id, latest_fail_reason
FROM system.mutations
WHERE database = currentDatabase() AND NOT is_done AND latest_fail_reason <> ''
ORDER BY create_time
