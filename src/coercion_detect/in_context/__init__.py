"""How a conversation is read: what stands around a message decides what it does there."""
