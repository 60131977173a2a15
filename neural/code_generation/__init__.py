"""Source code of a plan, in PyTorch and in Keras."""
