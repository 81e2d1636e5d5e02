"""Uses by the ORM, and what only looks like them."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from . import models, schemas
from .models import Order, User, Vendor


def call_all(session: Session) -> list[str]:
    return [user.telephone for user in session.scalars(select(User).where(User.id > 7)) if user.name]


def by_number(session: Session, number: str) -> User | None:
    return session.execute(select(User).where(User.telephone == number)).scalar_one_or_none()


def register(session: Session, given: schemas.User) -> User:
    user = User(name=given.name, telephone=given.phone)
    session.add(user)
    return user


def forget(session: Session, user_id: int) -> None:
    session.execute(update(models.User).filter_by(telephone=None).values(name="gone"))
    customer = session.get(Order, user_id)
    if customer is not None:
        print(customer.customer.telephone)


def load(session: Session, rows: list[dict[str, str]]) -> None:
    session.execute(insert(User.__table__).values([{"name": row["name"], "phone": row["telephone"]} for row in rows]))
    session.execute(insert(User), [{"telephone": "1"}])


def column_named(user: User) -> object:
    return getattr(user, "telephone")  # noqa: B009


def vendor_numbers(session: Session) -> list[str]:
    phone = "none"
    numbers = [vendor.phone for vendor in session.scalars(select(Vendor))]
    return [*numbers, phone]


def wire(user: schemas.User) -> schemas.Contact:
    """The phone of users.phone, as a contact: user.telephone."""
    contact = schemas.Contact(phone=user.telephone)
    print("select phone from users to go on")
    labels = {"phone": contact.phone}
    return schemas.Contact(phone=labels["phone"])


def vendors_named(session: Session, phone: str) -> list[Vendor]:
    # user.telephone would be users.phone
    return list(session.scalars(select(Vendor).filter_by(phone=phone)))
