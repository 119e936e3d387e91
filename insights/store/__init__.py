"""Where do ledgers, models, predictions and the records of who did what live? SQL for what changes, files for what does not."""
