"""Cases 工单: lists by urgency, one case with its steps, and the steps that people take."""
