"""When is an answer rational? A map over two inputs."""
