"""The profiles of this plug-in: one YAML file each."""
