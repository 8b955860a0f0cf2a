"""The whole house in one: origin, edges and the watch page. Does I/O."""

from theatre.serve import House, serve
from theatre.settings import ServeSettings

__all__ = ["House", "ServeSettings", "serve"]
