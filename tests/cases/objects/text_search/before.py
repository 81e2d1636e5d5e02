import sqlalchemy as sa

from dbwarden.objects import TextSearchConfiguration, TextSearchDictionary

metadata = sa.MetaData()
TextSearchDictionary("stems", "snowball", options={"language": "german"}, metadata=metadata, comment="of words")
TextSearchDictionary("plain", "simple", options={"stopwords": "german"}, metadata=metadata)
TextSearchDictionary("gone", "simple", metadata=metadata)
TextSearchConfiguration("words", {"asciiword, word": "plain, stems", "int": "simple"}, metadata=metadata)
TextSearchConfiguration("former", {"word": "gone"}, metadata=metadata)
sa.Table(
    "books",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text),
    sa.Index("books_words", sa.text("to_tsvector('words'::regconfig, title)"), postgresql_using="gin"),
)
