"""How a run is kept: folder layout, manifest, Parquet tables, object stores."""
