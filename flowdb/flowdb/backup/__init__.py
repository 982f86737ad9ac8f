"""Backups of a running FlowDB, and making a cluster from one."""
