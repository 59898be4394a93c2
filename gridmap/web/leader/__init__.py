"""Pages of leaders: the heatmap of incidents."""

from gridmap.web.leader.heat import leader

__all__ = ["leader"]
