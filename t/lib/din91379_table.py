#!/usr/bin/env python3
"""Prints form/din91379_table.c from KoSIT's din-norm-91379-datatypes.xsd (XÖV-Bibliothek, XRepository).

    t/lib/din91379_table.py ../shared/data/xoev-bibliothek/din-norm-91379-datatypes.xsd > form/din91379_table.c

The patterns there are alternatives of single characters, ranges and fixed sequences, repeated. Only these
facts are taken: which characters belong to which datatype, and the sequences, which all datatypes share.
"""
import re
import sys

TYPES = "ABC"


def tokens(pattern):
    """The pattern as code points and the operators ( | ) [ - ]."""
    for entity, sign in re.findall(r"&#x([0-9A-F]{4,5});|([()|\[\]*-])|\\", pattern):
        if entity or sign:
            yield int(entity, 16) if entity else sign


def alternatives(stream):
    """Every sequence of code points that one round of the group can match; `(` was read already."""
    done, paths = [], [()]
    for token in stream:
        if token == ")":
            return done + paths
        if token == "|":
            done, paths = done + paths, [()]
        elif token == "(":
            inner = alternatives(stream)
            paths = [p + tail for p in paths for tail in inner]
        elif token == "[":
            first, dash, last, close = (next(stream) for _ in range(4))
            assert dash == "-" and close == "]"
            done += [p + (c,) for p in paths for c in range(first, last + 1)]
            paths = []
        else:
            paths = [p + (token,) for p in paths]
    raise ValueError("unbalanced pattern")


def read(path):
    schema = open(path, encoding="utf-8").read()
    found = {}
    for name in TYPES:
        pattern = re.search(r'name="datatype%s".*?<xs:pattern value="([^"]*)"' % name, schema, re.S).group(1)
        stream = tokens(pattern)
        assert next(stream) == "("
        found[name] = set(alternatives(stream))
        assert list(stream) == ["*"]
    return found


def ranges(found):
    """(first, last, datatypes) of the single characters, as long as the datatypes stay the same."""
    types = {}
    for name in TYPES:
        for sequence in found[name]:
            if len(sequence) == 1:
                types[sequence[0]] = types.get(sequence[0], "") + name
    runs = []
    for c in sorted(types):
        if runs and runs[-1][1] == c - 1 and runs[-1][2] == types[c]:
            runs[-1][1] = c
        else:
            runs.append([c, c, types[c]])
    return runs


def rows(items, width):
    line = ""
    for item in items:
        if len(line) + len(item) + 1 > width:
            print("    " + line.rstrip())
            line = ""
        line += item + " "
    print("    " + line.rstrip())


def main():
    found = read(sys.argv[1])
    sequences = sorted((s for s in found["A"] if len(s) > 1), key=lambda s: (s[0], -len(s), s))
    assert all({s for s in found[n] if len(s) > 1} == set(sequences) for n in TYPES)
    print("/* The facts of DIN 91379, printed by t/lib/din91379_table.py: change them there. */")
    print('#include "din91379_table.h"\n')
    print("/* clang-format off */")
    for name, value in ("C", "EB_DIN_C"), ("BC", "EB_DIN_B | EB_DIN_C"), ("ABC", "EB_DIN_A | EB_DIN_B | EB_DIN_C"):
        print("#define %-3s (%s)" % (name, value))
    runs = ranges(found)
    print("\nconst eb_din_range_t eb_din_ranges[] = {")
    rows(["{0x%04X, 0x%04X, %s}," % tuple(run) for run in runs], 96)
    print("};\nconst int eb_din_ranges_count = %d;" % len(runs))
    print("\nconst eb_din_sequence_t eb_din_sequences[] = {")
    rows(["{{%s}}," % ", ".join("0x%04X" % c for c in s) for s in sequences], 96)
    print("};\nconst int eb_din_sequences_count = %d;" % len(sequences))


if __name__ == "__main__":
    main()
