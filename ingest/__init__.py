"""From a vendor's export to raw tables, unchanged: lands what each system says."""
