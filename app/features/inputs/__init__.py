"""What the rules of criteria sets read: figures of units, and the reports behind them."""
