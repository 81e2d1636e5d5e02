-- renames: view old_view:new_view, materialized_view old_rows:new_rows, function "old_next(a integer)":"new_next(a integer)", function old_check():new_check(), procedure old_tidy():new_tidy(), aggregate old_sum(integer):new_sum(integer), event_trigger old_event:new_event, trigger items.old_trigger:new_trigger, policy items.old_policy:new_policy, rule items.old_rule:new_rule, statistics items.old_statistics:new_statistics

-- upgrade
ALTER VIEW old_view RENAME TO new_view;

ALTER MATERIALIZED VIEW old_rows RENAME TO new_rows;

ALTER FUNCTION old_next(a integer) RENAME TO new_next;

ALTER FUNCTION old_check() RENAME TO new_check;

ALTER PROCEDURE old_tidy() RENAME TO new_tidy;

ALTER AGGREGATE old_sum(integer) RENAME TO new_sum;

ALTER EVENT TRIGGER old_event RENAME TO new_event;

ALTER TRIGGER old_trigger ON items RENAME TO new_trigger;

ALTER POLICY old_policy ON items RENAME TO new_policy;

ALTER RULE old_rule ON items RENAME TO new_rule;

ALTER STATISTICS old_statistics RENAME TO new_statistics;

-- rollback
ALTER STATISTICS new_statistics RENAME TO old_statistics;

ALTER RULE new_rule ON items RENAME TO old_rule;

ALTER POLICY new_policy ON items RENAME TO old_policy;

ALTER TRIGGER new_trigger ON items RENAME TO old_trigger;

ALTER EVENT TRIGGER new_event RENAME TO old_event;

ALTER AGGREGATE new_sum(integer) RENAME TO old_sum;

ALTER PROCEDURE new_tidy() RENAME TO old_tidy;

ALTER FUNCTION new_check() RENAME TO old_check;

ALTER FUNCTION new_next(a integer) RENAME TO old_next;

ALTER MATERIALIZED VIEW new_rows RENAME TO old_rows;

ALTER VIEW new_view RENAME TO old_view;
