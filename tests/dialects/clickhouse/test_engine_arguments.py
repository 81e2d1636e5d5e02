"""Arguments of engines whose rows are elsewhere: as models state them, and as the server shows them (recorded on 26.9)."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Scope
from dbwarden.core.model import Schema, Table
from dbwarden.core.plan import Pair, plan
from dbwarden.dialects.clickhouse.engines import canonical_call, has_own_rows
from dbwarden.dialects.clickhouse.replica_paths import same_engine
from dbwarden.errors import Unsupported
from dbwarden.models.read import read
from dbwarden.objects import TableClauses
from tests.support.project import Project

BUCKET = "https://bucket.s3.amazonaws.com"
RECORDED = {
    "PostgreSQL('h:1', 'd', 't', 'u', 'geheim', 's', 'ON CONFLICT DO NOTHING')":
        "PostgreSQL('h:1', 'd', 't', 'u', '[HIDDEN]', 's', 'ON CONFLICT DO NOTHING')",
    "PostgreSQL('h:1', 'd', 't', 'u', '')": "PostgreSQL('h:1', 'd', 't', 'u', '[HIDDEN]')",
    "PostgreSQL(stored, password='geheim', table='x')": "PostgreSQL(stored, password = '[HIDDEN]', `table` = 'x')",
    "MySQL('h:1', 'd', 't', 'u', 'geheim', 1)": "MySQL('h:1', 'd', 't', 'u', '[HIDDEN]', 1)",
    "MySQL(stored)": "MySQL(stored)",
    "MongoDB('h:1', 'd', 't', 'u', 'geheim', 'ssl=true')": "MongoDB('h:1', 'd', 't', 'u', '[HIDDEN]', 'ssl=true')",
    "MongoDB('mongodb://u:geheim@h:1/d', 'c')": "MongoDB('mongodb://u:[HIDDEN]@h:1/d', 'c')",
    "Redis('h:1', 0, 'geheim', 16)": "Redis('h:1', 0, '[HIDDEN]', 16)",
    "URL('http://u:geheim@localhost/x', CSV)": "URL('http://u:[HIDDEN]@localhost/x', 'CSV')",
    "URL('http://localhost/x', 'CSV', headers('Authorization'='geheim'))":
        "URL('http://localhost/x', 'CSV', headers('Authorization' = '[HIDDEN]'))",
    "File(CSV)": "File('CSV')",
    "SQLite('x.db', 't')": "SQLite('x.db', 't')",
    "ODBC('DSN=x;PWD=geheim', 'd', 't')": "ODBC('[HIDDEN]', 'd', 't')",
    f"S3('{BUCKET}/x.csv')": f"S3('{BUCKET}/x.csv', 'CSV')",
    f"S3('{BUCKET}/x.csv', 'CSV', 'gzip')": f"S3('{BUCKET}/x.csv', 'CSV', 'gzip')",
    f"S3('{BUCKET}/x.csv', NOSIGN, CSV)": f"S3('{BUCKET}/x.csv', 'NOSIGN', 'CSV')",
    f"S3('{BUCKET}/x.csv', NOSIGN, 'CSV', 'gzip')": f"S3('{BUCKET}/x.csv', 'NOSIGN', 'CSV', 'gzip')",
    f"S3('{BUCKET}/x.csv', 'AK', 'geheim')": f"S3('{BUCKET}/x.csv', 'AK', '[HIDDEN]', 'CSV')",
    f"S3('{BUCKET}/x.csv', 'AK', 'geheim', 'CSV', 'gzip')": f"S3('{BUCKET}/x.csv', 'AK', '[HIDDEN]', 'CSV', 'gzip')",
    f"S3('{BUCKET}/x.csv', 'AK', 'geheim', 'geheim', 'CSV')": f"S3('{BUCKET}/x.csv', 'AK', '[HIDDEN]', '[HIDDEN]', 'CSV')",
    f"S3('{BUCKET}/x.csv', 'AK', 'geheim', 'geheim', 'CSV', 'gzip')":
        f"S3('{BUCKET}/x.csv', 'AK', '[HIDDEN]', '[HIDDEN]', 'CSV', 'gzip')",
    f"S3Queue('{BUCKET}/*.csv', 'AK', 'geheim', 'CSV')": f"S3Queue('{BUCKET}/*.csv', 'AK', '[HIDDEN]', 'CSV')",
    f"GCS('{BUCKET}/x.csv', 'AK', 'geheim', 'CSV')": f"GCS('{BUCKET}/x.csv', 'AK', '[HIDDEN]', 'CSV')",
    f"DeltaLake('{BUCKET}/x', 'AK', 'geheim')": f"DeltaLake('{BUCKET}/x', 'AK', '[HIDDEN]', 'Parquet')",
    "AzureBlobStorage('http://a.net', 'c', 'x.csv', 'acc', 'geheim', 'CSV')":
        "AzureBlobStorage('http://a.net', 'c', 'x.csv', 'acc', '[HIDDEN]', 'CSV')",
    "AzureBlobStorage('AccountName=a;AccountKey=geheim;EndpointSuffix=net', 'c', 'x.csv', 'CSV')":
        "AzureBlobStorage('AccountName=a;AccountKey=[HIDDEN];EndpointSuffix=net', 'c', 'x.csv', 'CSV')",
    "Executable('x.sh', TabSeparated)": "Executable('x.sh', 'TabSeparated')",
    "Kafka('h:9092', 't', 'g', 'JSONEachRow')": "Kafka('h:9092', 't', 'g', 'JSONEachRow')",
}  # fmt: skip
"""What models state, and what ``create_table_query`` shows of the table."""


@pytest.mark.parametrize("stated", RECORDED)
def test_what_the_server_shows_is_no_difference(stated: str) -> None:
    ours, shown = canonical_call(stated), canonical_call(RECORDED[stated])
    assert ours == shown or same_engine(shown, ours), (ours, shown)
    assert "geheim" not in ours


def schema(engine: str, settings: dict[str, object] | None = None) -> Schema:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.BigInteger), TableClauses(engine=engine, settings=settings))
    dialect = dialects.get("clickhouse")
    return dialect.canonical(read([metadata], dialect))


KAFKA = {"kafka_broker_list": "h:9092", "kafka_topic_list": "t", "kafka_group_name": "g", "kafka_format": "CSV"}
SECRET = [
    (stated, None) for stated in RECORDED if "geheim" in stated
] + [
    ("Kafka", {**KAFKA, "kafka_sasl_username": "u", "kafka_sasl_password": "geheim"}),
    ("RabbitMQ", {"rabbitmq_address": "amqp://u:geheim@h:5672/v"}),
    ("NATS", {"nats_url": "h:4222", "nats_token": "geheim"}),
]  # fmt: skip


@pytest.mark.parametrize(("engine", "settings"), SECRET)
def test_a_secret_never_gets_into_a_file(engine: str, settings: dict[str, object] | None) -> None:
    desired = schema(engine, settings)
    assert "geheim" not in repr(desired)
    with pytest.raises(Unsupported, match="named collection") as error:
        plan(Pair(Schema(), desired), dialects.get("clickhouse")).upgrade()
    assert "geheim" not in str(error.value)


def test_kafka_without_a_secret_is_written() -> None:
    (sql,) = plan(Pair(Schema(), schema("Kafka", KAFKA)), dialects.get("clickhouse")).upgrade()
    settings = "kafka_broker_list = 'h:9092', kafka_format = 'CSV', kafka_group_name = 'g', kafka_topic_list = 't'"
    assert sql.endswith(f"ENGINE = Kafka\nSETTINGS {settings}")


def test_rows_of_others_are_not_copied() -> None:
    assert all(
        map(
            has_own_rows,
            ("MergeTree", "ReplicatedMergeTree('/p', 'r')", "Log", "Memory", "Join(ANY, LEFT, id)", "File('CSV')"),
        )
    )
    elsewhere = (
        *RECORDED,
        "Distributed('c', 'd', 't')",
        "Buffer('d', 't')",
        "Merge('d', 't')",
        "Null",
        "KeeperMap('/p')",
    )
    assert not any(has_own_rows(engine) for engine in elsewhere if engine != "File(CSV)")


ELSEWHERE = """
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table
from dbwarden.objects import TableClauses

metadata = MetaData()
Table("remote", metadata, Column("id", ch.UInt64){more}, TableClauses(engine="PostgreSQL('localhost:1', 'd', 't', 'u', 'geheim')"))
Table("own", metadata, Column("id", ch.UInt64), TableClauses(engine="MergeTree", order_by="id"), comment="{comment}")
"""


def test_a_table_with_a_password_stays_what_it_is(clickhouse_url: str, tmp_path: Path) -> None:
    """Somebody created it by hand. It is no difference, and other tables change beside it; its columns cannot change."""
    project = Project(tmp_path / "project", clickhouse_url)
    project.execute("CREATE TABLE remote (id UInt64) ENGINE = PostgreSQL('localhost:1', 'd', 't', 'u', 'geheim')")
    project.execute("CREATE TABLE own (id UInt64) ENGINE = MergeTree ORDER BY id")
    project.models(ELSEWHERE.format(more="", comment=""))
    assert project.generate(proof=False).empty
    project.models(ELSEWHERE.format(more="", comment="new"))
    report = project.generate()
    assert "remote" not in report.text and "geheim" not in report.text
    assert report.proof.proven, report.proof.text
    project.migrate()
    assert project.generate(proof=False).empty
    project.models(ELSEWHERE.format(more=", Column('n', ch.UInt8)", comment="new"))
    with pytest.raises(Unsupported, match="PostgreSQL takes no ALTER") as error:
        project.generate(proof=False)
    assert "its rows are elsewhere" in (error.value.hint or "")


def test_a_dictionary_shows_no_secret(clickhouse_url: str) -> None:
    """The server itself shows passwords in the URLs of HTTP sources, and headers."""
    dialect = dialects.get("clickhouse")
    sources = (
        "HTTP(URL 'http://u:geheim@h/x' FORMAT 'CSV')",
        "HTTP(URL 'http://h/x' FORMAT 'CSV' CREDENTIALS(USER 'u' PASSWORD 'geheim'))",
        "HTTP(URL 'http://h/x' FORMAT 'CSV' HEADERS(HEADER(NAME 'Authorization' VALUE 'geheim')))",
        "ODBC(CONNECTION_STRING 'DSN=x;PWD=geheim' TABLE 't')",
        "MONGODB(URI 'mongodb://u:geheim@h:1/d' COLLECTION 'c')",
    )
    with connect(clickhouse_url) as conn:
        for number, source in enumerate(sources):
            clauses = f"PRIMARY KEY id SOURCE({source}) LIFETIME(300) LAYOUT(FLAT())"
            conn.execute(f"CREATE DICTIONARY d{number} (id UInt64, kind String) {clauses}")
        current = dialect.for_server(dialect.server_of(conn)).inspect(conn, Scope())
    assert len(list(current)) == len(sources)
    assert "geheim" not in repr(current)
    assert not any(isinstance(item, Table) for item in current.objects())
