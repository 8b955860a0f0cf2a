"""The words every room speaks: errors, exact time, digests, store keys, title records, events. Pure."""
