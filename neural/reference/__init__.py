"""The reference of the layers: what each is, as facts read from its class, and pages written from them."""
