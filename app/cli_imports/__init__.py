"""`parindex import`: a file is rehearsed, shown and committed, here or at a running service."""
