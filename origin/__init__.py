"""A store's titles over HTTP. Does I/O."""

from origin.app import create_origin_app
from origin.server import run_origin
from origin.settings import OriginSettings

__all__ = ["OriginSettings", "create_origin_app", "run_origin"]
