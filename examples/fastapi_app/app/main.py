"""The application: it starts on a schema that is up to date, and gets its sessions from the configuration."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from warden import primary

from app.models import Note
from dbwarden.web import SchemaHealthCheck, lifespan

app = FastAPI(lifespan=lifespan(primary))
app.mount("/health/schema", SchemaHealthCheck(primary).asgi)


class NewNote(BaseModel):
    """A note to write."""

    text: str


class ShownNote(NewNote):
    """A note with its number."""

    model_config = ConfigDict(from_attributes=True)
    id: int


@app.post("/notes", status_code=201, response_model=ShownNote)
def write(note: NewNote, session: Annotated[Session, Depends(primary.session)]) -> Note:
    """Write a note."""
    row = Note(text=note.text)
    session.add(row)
    session.commit()
    return row


@app.get("/notes", response_model=list[ShownNote])
async def notes(session: Annotated[AsyncSession, Depends(primary.async_session)]) -> Sequence[Note]:
    """All notes."""
    return (await session.scalars(select(Note).order_by(Note.id))).all()


@app.get("/notes/{number}", response_model=ShownNote)
def one(number: int, session: Annotated[Session, Depends(primary.session)]) -> Note:
    """One note."""
    row = session.get(Note, number)
    if row is None:
        raise HTTPException(404)
    return row
