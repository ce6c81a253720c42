"""``footfall capillary``: an organisation's stores, tills, OAuth clients and access groups."""
