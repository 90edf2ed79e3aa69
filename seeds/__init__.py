"""Reference data of the five districts and the demonstration built from it.

`seeds.reference` is pure: it reads `seeds/data` and returns contents. Whatever is invented says so in the content
itself (`demonstration`, `demonstration_fields`, `code_is_demonstration`, names ending in （演示）).
"""
