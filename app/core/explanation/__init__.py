"""Every number explained: the calculation, the rule in words, what would earn more; language-free."""
