"""Servers to test against, over real sockets. They import nothing of the product."""
