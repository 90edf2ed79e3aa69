"""OFD files (GB/T 33190-2016): the package, writing one from a layout, reading and showing anybody's."""
