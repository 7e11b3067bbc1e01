"""Readers of chat exports, one file a format; nothing is stored, nothing is sent, nothing is skipped in silence."""
