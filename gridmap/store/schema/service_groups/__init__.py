"""Tables of service groups."""

from gridmap.store.schema.service_groups.groups import (
    GroupOfSubdistrict,
    PublishedGroupCount,
    ServiceGroupCount,
    ServiceGroupMember,
)

__all__ = ["GroupOfSubdistrict", "PublishedGroupCount", "ServiceGroupCount", "ServiceGroupMember"]
