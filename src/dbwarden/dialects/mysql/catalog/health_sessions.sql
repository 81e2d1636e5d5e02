-- Transactions of other sessions that were opened long ago, the oldest first. Needs the privilege PROCESS.
SELECT t.trx_mysql_thread_id, p.user, p.db, TIMESTAMPDIFF(SECOND, t.trx_started, NOW())
FROM information_schema.innodb_trx AS t
JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id
WHERE t.trx_mysql_thread_id <> CONNECTION_ID()
  AND TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) >= :seconds
ORDER BY t.trx_started
