"""The api's shapes: how bodies are read, what they may hold, and what is answered."""
