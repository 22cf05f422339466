"""`cxmap.yaml` as one frozen value: what every room is told, and from where."""

from cxmap.config.reading import (
    Config,
    Privacy,
    SourceConfig,
    config_schema,
    find_config,
    load_config,
    read_config,
    show,
)

__all__ = [
    "Config",
    "Privacy",
    "SourceConfig",
    "config_schema",
    "find_config",
    "load_config",
    "read_config",
    "show",
]
