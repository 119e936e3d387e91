"""What was known of an invoice strictly before a day, as numbers? Events, the kernel, the catalog of fields, samples."""
