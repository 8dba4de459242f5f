"""The evidence ledger: documents, uploaded files, and the scores that rely on them."""
