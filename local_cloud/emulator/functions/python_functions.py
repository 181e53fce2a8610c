"""Python functions: what Lambda's runtime does before it imports a function, and when that fails."""

from __future__ import annotations

from ministack.core import lambda_runtime

from local_cloud.emulator.internals import instance

INTERNALS = (instance(lambda_runtime, "_PYTHON_WORKER_SCRIPT", str),)

# Lambda's runtime does this before it imports a function. Without it, log records are lost.
_LOGGING = """
import logging, sys, time
logging.Formatter.converter = time.gmtime
logging.basicConfig(
    stream=sys.stderr,
    format="[%(levelname)s]\\t%(asctime)s.%(msecs)03dZ\\t%(message)s",
    datefmt="%Y-%m-%dT%H:%M:%S",
)
"""

# The emulator's worker reports only the text of an error. This makes it a report: the type, the
# message and the stack trace that Lambda's runtime would have for it.
_REPORTING = r"""
import importlib, itertools, json, os, sys, traceback

def _report_errors(import_module):
    def frames(error):
        everything = traceback.extract_tb(error.__traceback__)
        own = itertools.dropwhile(lambda frame: os.getcwd() not in frame.filename, everything)
        return [in_task(line) for line in traceback.format_list(own)]

    def in_task(text):
        return str(text).replace(os.getcwd(), "/var/task")

    def import_function(name, *more):
        if sys._getframe(1).f_globals is not globals():
            return import_module(name, *more)
        importlib.import_module = import_module
        try:
            return import_module(name, *more)
        except ImportError as error:
            kind, trace = "Runtime.ImportModuleError", []
            message = f"Unable to import module '{name}': {error}"
        except SyntaxError as error:
            kind = "Runtime.UserCodeSyntaxError"
            message = f"Syntax error in module '{name}': {error}"
            trace = [f'  File "{in_task(error.filename)}" Line {error.lineno}\n    {error.text}']
        except Exception as error:
            kind, message, trace = type(error).__name__, str(error), frames(error)
        raise Exception(json.dumps({"error_type": kind, "message": message, "trace": trace}))

    return import_function

importlib.import_module = _report_errors(importlib.import_module)
"""


class PythonFunctions:
    """Gives Python functions a log, and reports why one can't be imported."""

    def __init__(self) -> None:
        lambda_runtime._PYTHON_WORKER_SCRIPT = (  # noqa: SLF001 - no public way in
            _REPORTING + _LOGGING + lambda_runtime._PYTHON_WORKER_SCRIPT  # noqa: SLF001 - the same
        )
