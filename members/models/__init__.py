"""Members' tables."""

from members.models.keeping import DataExport, Erasure, ErasureRequest, Merge, Note, NotTwice
from members.models.people import Account, AccountManager, Consent, Identity, Member, Tag

__all__ = [
    "Account",
    "AccountManager",
    "Consent",
    "DataExport",
    "Erasure",
    "ErasureRequest",
    "Identity",
    "Member",
    "Merge",
    "NotTwice",
    "Note",
    "Tag",
]
