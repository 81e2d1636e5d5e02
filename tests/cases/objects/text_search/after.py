import sqlalchemy as sa

from dbwarden.objects import TextSearchConfiguration, TextSearchDictionary

metadata = sa.MetaData()
TextSearchDictionary("stems", "snowball", options={"language": "german"}, metadata=metadata, comment="of stems")
TextSearchDictionary("plain", "simple", options={"stopwords": "english"}, metadata=metadata)
TextSearchDictionary("new", "simple", metadata=metadata, comment="all words")
TextSearchConfiguration(
    "words", {"asciiword": ("stems",), "word": "plain, new", "email": "simple"}, metadata=metadata, comment="of books"
)
TextSearchConfiguration("titles", {"word": "new", "asciiword": "new"}, metadata=metadata)
sa.Table(
    "books",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text),
    sa.Index("books_words", sa.text("to_tsvector('words'::regconfig, title)"), postgresql_using="gin"),
    sa.Index("books_titles", sa.text("to_tsvector('titles'::regconfig, title)"), postgresql_using="gin"),
)
