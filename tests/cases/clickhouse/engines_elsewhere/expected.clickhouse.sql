-- upgrade
DROP TABLE gone_bucket;

DROP TABLE gone_link;

ALTER TABLE own_file MODIFY COMMENT 'it\'s new';

ALTER TABLE own_file COMMENT COLUMN id 'new';

CREATE TABLE by_bucket (
    id UInt64,
    name String
)
ENGINE = S3('https://bucket.s3.amazonaws.com/x.parquet');

CREATE TABLE by_chance (
    id UInt64,
    name String
)
ENGINE = GenerateRandom(1, 5, 3);

CREATE TABLE by_hadoop (
    id UInt64,
    name String
)
ENGINE = HDFS('hdfs://localhost:9000/x', 'TSV');

CREATE TABLE by_key (
    id UInt64,
    name String
)
ENGINE = EmbeddedRocksDB
PRIMARY KEY id;

CREATE TABLE by_lake (
    id UInt64,
    name String
)
ENGINE = DeltaLake('https://bucket.s3.amazonaws.com/x', 'NOSIGN');

CREATE TABLE by_link (
    id UInt64,
    name String
)
ENGINE = URL('http://localhost/x.csv', 'CSV');

CREATE TABLE by_model_key (
    id UInt64
)
ENGINE = EmbeddedRocksDB
PRIMARY KEY id;

CREATE TABLE by_mongo (
    id UInt64,
    name String
)
ENGINE = MongoDB('mongodb://localhost:27017/d', 'c');

CREATE TABLE by_mysql (
    id UInt64,
    name String
)
ENGINE = MySQL('localhost:3306', 'd', 't', 'u', '');

CREATE TABLE by_odbc (
    id UInt64,
    name String
)
ENGINE = ODBC('', 'd', 't');

CREATE TABLE by_open_bucket (
    id UInt64,
    name String
)
ENGINE = S3('https://bucket.s3.amazonaws.com/x.csv', 'NOSIGN', 'CSV', 'gzip')
PARTITION BY id;

CREATE TABLE by_postgresql (
    id UInt64,
    name String
)
ENGINE = PostgreSQL('localhost:5432', 'd', 't', 'u', '', 'public');

CREATE TABLE by_program (
    id UInt64,
    name String
)
ENGINE = Executable('x.sh', 'TabSeparated');

CREATE TABLE by_redis (
    id UInt64,
    name String
)
ENGINE = Redis('localhost:6379', 0, '', 16)
PRIMARY KEY id;

-- rollback
DROP TABLE by_redis;

DROP TABLE by_program;

DROP TABLE by_postgresql;

DROP TABLE by_open_bucket;

DROP TABLE by_odbc;

DROP TABLE by_mysql;

DROP TABLE by_mongo;

DROP TABLE by_model_key;

DROP TABLE by_link;

DROP TABLE by_lake;

DROP TABLE by_key;

DROP TABLE by_hadoop;

DROP TABLE by_chance;

DROP TABLE by_bucket;

ALTER TABLE own_file COMMENT COLUMN id '';

ALTER TABLE own_file MODIFY COMMENT '';

CREATE TABLE gone_link (
    y UUID
)
ENGINE = URL('http://localhost/x.csv', 'CSV');

CREATE TABLE gone_bucket (
    x Date
)
ENGINE = S3('https://bucket.s3.amazonaws.com/x.csv', 'NOSIGN');
