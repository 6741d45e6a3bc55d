"""Pure numbers: numpy and the standard library, no Django, no clock."""
