"""Pure numbers: numpy, pyxirr and the standard library, no Django, no clock."""
