"""New members, written short."""

from members.actions import NewMember
from members.rules import email_identity, external_identity, phone_identity


def person(name="ann", phone="", external=("web",), **rest):
    """Will describe a person by address, phone number and an id c-NAME in each of some systems."""
    identities = [email_identity(f"{name}@example.com")]
    identities += [phone_identity(phone)] if phone else []
    identities += [external_identity(source, f"c-{name}") for source in external]
    return NewMember(identities=identities, name=name.title(), **rest)
