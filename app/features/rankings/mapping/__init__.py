"""Results of groups -> lines of rankings, comparisons, and files of both."""
