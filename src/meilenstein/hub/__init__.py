"""The composition root by concern: what is opened once, and the parts for stewards and for operators."""
