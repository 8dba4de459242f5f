"""Publications: documents, and what recomputing them says."""
