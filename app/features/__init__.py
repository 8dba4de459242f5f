"""One room for each noun of the field."""
