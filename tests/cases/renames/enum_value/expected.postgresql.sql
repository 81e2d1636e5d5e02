-- renames: enum_value mood.sad:blue

-- upgrade
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';

-- rollback
ALTER TYPE mood RENAME VALUE 'blue' TO 'sad';
