"""Places of a code base that still use an object which a migration drops, renames or narrows."""
