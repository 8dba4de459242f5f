"""Tables -> records -> what would be written."""
