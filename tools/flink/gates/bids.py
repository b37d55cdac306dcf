#!/usr/bin/env python3
"""bids.py [ROWS] > bids.ndjson: Nexmark-like bids, 217 bytes each, 100 a millisecond of event time.

The same rows every time."""
import datetime
import random
import sys

rows, start, draw = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000, 1767225600000, random.Random(1)
for row in range(rows):
    ms = start + row // 100
    second = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    at = second.strftime('%Y-%m-%d %H:%M:%S') + f'.{ms % 1000:03d}'
    path = ''.join(draw.choices('abcdefghij', k=12))
    print(f'{{"auction":{draw.randrange(1000, 30000)},"bidder":{draw.randrange(1000, 60000)},'
          f'"price":{draw.randrange(100, 10000000)},'
          f'"channel":"{draw.choice(["Google", "Facebook", "Baidu", "Apple"])}",'
          f'"url":"https://www.nexmark.com/{path}/item.htm?query=1",'
          f'"dateTime":"{at}","extra":"{"x" * 40}"}}')
