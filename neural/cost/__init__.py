"""Costs of a Plan: FLOPs, memory, and the report that everything a person sees is read from."""
