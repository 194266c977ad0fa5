"""What others may ask of benefits."""

from benefits.queries.wallet import Candidate, Wallet, candidates_of, wallet_of

__all__ = ["Candidate", "Wallet", "candidates_of", "wallet_of"]
