"""The one exception a user is meant to read."""


class InputError(Exception):
    """Bad input: a file, a row or a config key.

    The message names what is wrong (file, row or key), the value found, the
    value expected and what to do. `sakdn.base.cli.run` prints it without traceback.
    """
