"""Whether generated PyTorch and Keras code compute the same network: both are built, run and compared."""

from neural.verification.result import Verification

__all__ = ["Verification"]
