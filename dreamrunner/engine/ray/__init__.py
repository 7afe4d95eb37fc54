"""Tasks on a Ray cluster. Ray is imported when a cluster is first used."""
