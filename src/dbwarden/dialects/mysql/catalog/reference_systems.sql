-- Spatial reference systems of geometries on MariaDB, which leaves F_GEOMETRY_COLUMN empty.
SELECT g.G_TABLE_NAME, g.G_GEOMETRY_COLUMN, g.SRID
FROM information_schema.GEOMETRY_COLUMNS g
WHERE g.F_TABLE_SCHEMA = DATABASE() AND g.SRID <> 0
