-- Properties of the server and of the account. On both flavours the variables have these names.
SELECT CURRENT_USER(),
       DATABASE(),
       @@GLOBAL.read_only,
       @@GLOBAL.sql_mode,
       @@GLOBAL.log_bin,
       @@GLOBAL.log_bin_trust_function_creators,
       UNIX_TIMESTAMP(NOW(6))
