"""Reads what the application has published: finished part files only, as any reader of the folder would."""
import json
import os


def read(folder):
    """Rows of all published parts, the marker's left out: a list of (key, values); a doubled key stands twice."""
    rows = []
    for root, _, names in os.walk(folder):
        for name in names:
            if name.startswith(('.', '_')):
                continue
            with open(os.path.join(root, name), encoding='utf-8') as file:
                for line in file:
                    row = json.loads(line)
                    if row['origin'] != 'END':
                        key = (row['day'][:10], row['origin'])
                        rows.append((key, (row['flights'], row['delayed'], row['total_delay'], row['worst'],
                                           row['average_distance'])))
    return rows


def differences(rows, expected):
    """What is wrong with the rows, as sentences; empty when they are exactly the expected ones, each once."""
    found, wrong = {}, []
    for key, values in rows:
        if key in found:
            wrong.append(f'{key} was published twice')
        found[key] = values
    wrong += [f'{key} is missing' for key in expected.keys() - found.keys()]
    wrong += [f'{key} should not be there' for key in found.keys() - expected.keys()]
    for key in found.keys() & expected.keys():
        if found[key][:4] != expected[key][:4] or abs(found[key][4] - expected[key][4]) > 1e-6:
            wrong.append(f'{key} is {found[key]}, not {expected[key]}')
    return wrong
