"""What messages say of members."""

from collections.abc import Mapping, Sequence

from members import queries as members_queries


def values_for(member_ids: Sequence[int], languages: Mapping[int, str]) -> dict[int, dict[str, object]]:
    """Will return the values of members for messages in their languages. One query."""
    names = members_queries.names_of(member_ids)
    return {member_id: {"name": names.get(member_id, ("", ""))[1]} for member_id in member_ids}
