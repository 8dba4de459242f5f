"""Tables of clerks understood: which column is what, what a cell says, which rows count. Language-free."""
