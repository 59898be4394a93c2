"""Pages of leaders: figures of incidents, the incidents behind them, and their export."""

from gridmap.web.leader import exports, heat, incident_list, lines
from gridmap.web.leader.blueprint import leader

__all__ = ["exports", "heat", "incident_list", "leader", "lines"]
