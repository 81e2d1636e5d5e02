"""A project with everything that the report shows: what is applied, what is pending, and what only the models say."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import run, write_project

MODELS = """
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    __table_args__ = {COMMENT}
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(120), unique=True)
    name: Mapped[str | None] = mapped_column(sa.String(80))
    created_at: Mapped[str] = mapped_column(sa.DateTime, server_default=sa.func.current_timestamp())
    {CUSTOMER}


class Address(Base):
    __tablename__ = "addresses"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    street: Mapped[str]
    city: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (sa.CheckConstraint("total >= 0", name="total_not_negative"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    ship_to: Mapped[int | None] = mapped_column(sa.ForeignKey("addresses.id"))
    total: Mapped[float] = mapped_column(sa.Numeric(10, 2))
    status: Mapped[str] = mapped_column(sa.String({STATUS}))


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int | None] = mapped_column(sa.ForeignKey("categories.id"))
    title: Mapped[str]
    price: Mapped[float] = mapped_column(sa.Numeric(10, 2))


class Category(Base):
    __tablename__ = "categories"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("categories.id"))
    title: Mapped[str]


class Line(Base):
    __tablename__ = "order_lines"
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("products.id"), primary_key=True)
    quantity: Mapped[int]


class Setting(Base):
    __tablename__ = "settings"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str | None]
"""

NEWSLETTER = """

class Newsletter(Base):
    __tablename__ = "newsletters"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"), unique=True)
    topic: Mapped[str]
"""

HOSTILE = """

class Hostile(Base):
    __tablename__ = "<script>alert('name')</script>"
    id: Mapped[int] = mapped_column(primary_key=True)
    column = mapped_column("\\"><img src=x onerror=alert('column')>", sa.Text, {DEFAULT})
"""


def write_models(
    folder: Path, later: bool = False, last: bool = False, hostile: bool = True, comments: bool = False
) -> None:
    """The models of the beginning, with ``later`` changes or, behind these, the ``last`` ones."""
    comment = "{'comment': \"</script><script>alert('comment')</script> Who buys\"}" if comments else "()"
    values = {
        "COMMENT": comment,
        "CUSTOMER": "phone: Mapped[str | None] = mapped_column(sa.String(30))" if later else "",
        "STATUS": "40" if later else "20",
    }
    text = MODELS + (NEWSLETTER if later else "") + (HOSTILE if hostile else "")
    if last:
        text = text.replace(
            "    value: Mapped[str | None]\n", "    value: Mapped[str | None]\n    changed_by: Mapped[str | None]\n"
        )
    values["DEFAULT"] = "server_default=\"<b onclick=alert('default')>\""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    (folder / "models.py").write_text(text)


def write_shop(folder: Path, url: str, *, hostile: bool = True, comments: bool = False, **settings: object) -> None:
    """A project whose first migration is applied, the second pending, and whose models say more than both."""
    write_project(folder, url, **settings)
    write_models(folder, hostile=hostile, comments=comments)
    run(folder, "make-migrations", "create shop")
    run(folder, "migrate")
    write_models(folder, later=True, hostile=hostile, comments=comments)
    run(folder, "make-migrations", "newsletters and phones")
    write_models(folder, later=True, last=True, hostile=hostile, comments=comments)
