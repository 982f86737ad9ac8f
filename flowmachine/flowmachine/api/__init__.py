"""The query kinds that are exposed: one schema per kind, and what each builds."""
