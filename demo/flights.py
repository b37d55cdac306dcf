"""The recorded flights as a stream, and the answer that the stream must come to.

Source: `flights-20k.json` of the npm package vega-datasets: 20 000 flights of early 2001, by departure time.
"""
import json
import random
import sqlite3

FILES = 4
DISORDER_MINUTES = 30
MARKER = {'date': '2001/05/01 00:00', 'delay': 0, 'distance': 0, 'origin': 'END', 'destination': 'END'}


def minutes(date):
    """Minutes since some origin, good for ordering and for adding up to a month."""
    day, clock = date.split(' ')
    year, month, day = (int(part) for part in day.split('/'))
    hour, minute = (int(part) for part in clock.split(':'))
    return (((year * 12 + month) * 31 + day) * 24 + hour) * 60 + minute


def stream(path):
    """FILES lists of NDJSON lines: a quarter of the time each, rows out of order by up to DISORDER_MINUTES."""
    with open(path, encoding='utf-8') as file:
        flights = json.load(file)
    draw = random.Random(20010101)
    flights.sort(key=lambda flight: minutes(flight['date']) + draw.uniform(0, DISORDER_MINUTES))
    quarter = len(flights) // FILES
    parts = [flights[i * quarter:(i + 1) * quarter if i + 1 < FILES else None] for i in range(FILES)]
    parts[-1].append(MARKER)  # far ahead: its watermark closes the last windows
    return [[json.dumps(flight, separators=(',', ':')) for flight in part] for part in parts]


def expected(path):
    """The same aggregation by SQLite: {(day, origin): (flights, delayed, total delay, worst, average distance)}."""
    with open(path, encoding='utf-8') as file:
        flights = json.load(file)
    db = sqlite3.connect(':memory:')
    db.execute('CREATE TABLE flights (departure TEXT, delay INT, distance INT, origin TEXT)')
    db.executemany('INSERT INTO flights VALUES (?, ?, ?, ?)',
                   ((f['date'].replace('/', '-'), f['delay'], f['distance'], f['origin']) for f in flights))
    rows = db.execute('''SELECT substr(departure, 1, 10), origin, count(*), sum(delay > 15), sum(delay), max(delay),
                         avg(distance) FROM flights GROUP BY 1, 2''')
    return {(day, origin): tuple(values) for day, origin, *values in rows}
