"""The `tierline` command: it calls the library and shows what came back, nothing more."""
