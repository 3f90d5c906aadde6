"""What people at HQ look at: totals, tills, members. Reads the book and changes nothing."""
