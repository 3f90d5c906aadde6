"""What HQ holds of accounts, as it is posted."""
