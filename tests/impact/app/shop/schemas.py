"""What goes over the wire: not mapped, though one is called as a model is."""

from dataclasses import dataclass


@dataclass
class User:
    name: str
    telephone: str
    phone: str


@dataclass
class Contact:
    phone: str
