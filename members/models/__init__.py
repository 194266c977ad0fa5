"""Members' tables."""

from members.models.keeping import DataExport, Erasure, ErasureRequest, Merge, Note, NotTwice
from members.models.people import Account, AccountManager, AddressCode, Consent, Identity, Member, OpenSession, Tag

__all__ = [
    "Account",
    "AccountManager",
    "AddressCode",
    "Consent",
    "DataExport",
    "Erasure",
    "ErasureRequest",
    "Identity",
    "Member",
    "Merge",
    "NotTwice",
    "Note",
    "OpenSession",
    "Tag",
]
