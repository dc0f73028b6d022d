"""From the bytes of a crisis file to a YAML document whose shape is checked."""
