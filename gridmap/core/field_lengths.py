"""Maximum lengths of texts, in letters: the tables of the database and the checks of files share them."""

MAX_CODE_LETTERS = 40
"""Codes of subdistricts and communities: statistical codes have 9 and 12 digits."""
MAX_GRID_CODE_LETTERS = 60
"""Codes of grids: that of the community, a hyphen and a number."""
MAX_BUILDING_CODE_LETTERS = 80
MAX_NAME_LETTERS = 200
MAX_ADDRESS_LETTERS = 400
MAX_USE_LETTERS = 80
MAX_INCIDENT_NUMBER_LETTERS = 80
MAX_CATEGORY_LETTERS = 80
MAX_TITLE_LETTERS = 400
MAX_SOURCE_LETTERS = 400
