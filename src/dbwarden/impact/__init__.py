"""Which places of a code base still use what a migration drops, renames or narrows."""
