"""The canonical entities, one file each: what a record of the firm is, whichever system said it."""
