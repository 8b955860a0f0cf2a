"""Where objects live: one protocol over memory, a folder, S3 and MinIO, chosen by URL. Does I/O."""

from storage.open import open_store
from storage.protocol import ObjectInfo, Store

__all__ = ["ObjectInfo", "Store", "open_store"]
