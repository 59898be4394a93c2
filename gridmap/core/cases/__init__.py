"""Cases 工单: the handling of incidents, its states and steps."""
