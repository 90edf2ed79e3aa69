"""Flask: pages, downloads, authentication, the GraphQL view."""
