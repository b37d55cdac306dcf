"""The windows of main.py and the function that its query calls; a module of its own, as larger programs have."""
from pyflink.table import DataTypes
from pyflink.table.expressions import lit
from pyflink.table.udf import udf
from pyflink.table.window import Slide, Tumble


def make_window(kind):
    """A group window without its time attribute and name."""
    if kind == 'tumbling':
        return Tumble.over(lit(10).seconds)
    if kind == 'sliding':
        return Slide.over(lit(10).seconds).every(lit(5).seconds)
    raise ValueError(f"the window's kind must be tumbling or sliding, not {kind}")


@udf(result_type=DataTypes.STRING())
def to_text(time):
    return str(time)
