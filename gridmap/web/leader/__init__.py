"""Pages of leaders: figures of incidents, the incidents behind them, and their export."""

from gridmap.web.leader import exports, incident_list
from gridmap.web.leader.heat import leader

__all__ = ["exports", "incident_list", "leader"]
