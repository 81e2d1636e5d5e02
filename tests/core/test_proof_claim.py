"""The digest of a proven header: what it covers, and how the header is written."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.file import MigrationFile, parse
from dbwarden.core.proof_claim import ProofStatus, claim, sections_digest, with_claims

TEXT = """-- depends_on: ["0001"]
-- renames: users.email:mail

-- upgrade
ALTER TABLE users RENAME email TO mail;

-- rollback
ALTER TABLE users RENAME mail TO email;

-- upgrade: sqlite
ALTER TABLE users RENAME email TO mail;

-- rollback: sqlite
ALTER TABLE users RENAME mail TO email;
"""


def read(text: str) -> MigrationFile:
    return parse("0002_mail.sql", text, dialects.get("postgresql").lexical_rules, dialects.LEXICAL_RULES)


PROVEN = with_claims(read(TEXT), ["postgresql 15.18, schema exact", "sqlite 3.40.1"], [])
SECTIONS = ("-- upgrade\n", "-- rollback\n", "-- upgrade: sqlite\n", "-- rollback: sqlite\n")


def test_the_header_stands_behind_the_others() -> None:
    digest = sections_digest(read(TEXT))
    lines = PROVEN.splitlines()
    assert lines[:4] == [
        '-- depends_on: ["0001"]',
        "-- renames: users.email:mail",
        f"-- proven: postgresql 15.18, schema exact; sqlite 3.40.1; digest {digest}",
        "",
    ]
    assert PROVEN.endswith(TEXT[TEXT.index("-- upgrade") :])
    assert claim(read(PROVEN)) is ProofStatus.PROVEN


@pytest.mark.parametrize("section", SECTIONS)
def test_an_edit_of_any_section_makes_it_stale(section: str) -> None:
    assert claim(read(PROVEN.replace(section, f"{section}SELECT 1;\n", 1))) is ProofStatus.STALE


@pytest.mark.parametrize("header", ["-- transaction: off", "-- irreversible: because"])
def test_headers_that_say_how_it_runs_belong_to_it(header: str) -> None:
    assert claim(read(f"{header}\n{PROVEN}")) is ProofStatus.STALE


def test_a_section_that_is_taken_out_makes_it_stale() -> None:
    assert claim(read(PROVEN[: PROVEN.index("-- upgrade: sqlite")])) is ProofStatus.STALE


def test_statements_do_not_change_places_between_sections() -> None:
    swapped = (
        PROVEN.replace("-- upgrade\n", "-- x\n")
        .replace("-- rollback\n", "-- upgrade\n")
        .replace("-- x\n", "-- rollback\n")
    )
    assert claim(read(swapped)) is ProofStatus.STALE


def test_comments_and_white_space_are_no_edits() -> None:
    assert claim(read(PROVEN.replace("ALTER TABLE", "-- so be it\nALTER   TABLE"))) is ProofStatus.PROVEN
    assert claim(read(PROVEN.replace("\n", "\r\n"))) is ProofStatus.PROVEN


def test_what_carries_no_digest_is_not_bound() -> None:
    assert (
        claim(read(f"-- proven: postgresql 15.18, schema exact\n\n{TEXT[TEXT.index('-- upgrade') :]}"))
        is ProofStatus.UNBOUND
    )
    assert claim(read(with_claims(read(TEXT), [], ["it is large"]))) is ProofStatus.UNPROVEN
    assert claim(read(TEXT)) is ProofStatus.NONE


def test_headers_are_replaced() -> None:
    again = with_claims(read(PROVEN), ["postgresql 16.1"], ["sqlite: no"])
    assert again.count("-- proven:") == again.count("-- unproven:") == 1 and "15.18" not in again
    assert with_claims(read(again), ["postgresql 15.18, schema exact", "sqlite 3.40.1"], []) == PROVEN
    crlf = with_claims(read(PROVEN.replace("\n", "\r\n")), ["postgresql 16.1"], [])
    assert "\r\n" in crlf and "\n" not in crlf.replace("\r\n", "")
