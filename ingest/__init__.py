"""A master comes in: fetched, fingerprinted, inspected, or refused. Does I/O."""
