#!/usr/bin/env python3
"""Prints schemas/message/din91379.xsd: the same facts as form/din91379_table.c, as patterns of our own.

    t/lib/din91379_xsd.py ../shared/data/xoev-bibliothek/din-norm-91379-datatypes.xsd > schemas/message/din91379.xsd

A datatype has two patterns, and a text must match one of them. The first is the letters of most of Europe without
combining marks: one short class, which nearly every text matches at little cost. The second is the whole datatype.
There each character starts exactly one alternative, and its combining marks follow as an option: libxml2 then
never has to go back. It tries the alternatives in order, so the frequent characters come first, and the long
class of rare ones last.
"""
import sys

from din91379_table import read

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:din="urn:mod-einbuergerung:din91379:1"
           targetNamespace="urn:mod-einbuergerung:din91379:1" version="1"
           elementFormDefault="unqualified" attributeFormDefault="unqualified">
  <xs:annotation>
    <xs:documentation xml:lang="de">Die Zeichenvorräte der DIN 91379 (2022-08), Datentypen A, B und C, als eigene Muster von
      mod_einbuergerung. Nicht das amtliche Schema der KoSIT; ein Test vergleicht beide über alle Unicode-Zeichen. Texte stehen in
      Normalform C. Erzeugt von t/lib/din91379_xsd.py.</xs:documentation>
  </xs:annotation>
"""

ABOUT = {
    "A": "Namen natürlicher Personen.",
    "B": "Orte, Straßen, sonstige Namen.",
    "C": "Freitext, mit Zeilenumbrüchen.",
}


ESCAPED = {"-": "\\-", "[": "\\[", "]": "\\]", "\\": "\\\\", "^": "\\^"}
ENTITIES = {"&": "&amp;", "<": "&lt;", '"': "&quot;"}


def sign(code):
    char = chr(code)
    return ENTITIES.get(char, ESCAPED.get(char, char)) if 0x20 <= code <= 0x7E else "&#x%04X;" % code


def peel(run):
    """libxml2 2.9 misreads a range that begins with an escaped character: at the ends these stand alone."""
    if len(run) > 1 and chr(run[0]) in ESCAPED:
        return [run[:1]] + peel(run[1:])
    if len(run) > 1 and chr(run[-1]) in ESCAPED:
        return peel(run[:-1]) + [run[-1:]]
    return [run]


def characters(codes):
    """One character out of a set: itself, or a class of ranges, as few as possible: libxml2 looks at them all."""
    if len(codes) == 1:
        return sign(*codes)
    runs = []
    for code in sorted(codes):
        if runs and runs[-1][-1] == code - 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    runs = [r for run in runs for r in peel(run)]
    return "[" + "".join(sign(r[0]) + "-" + sign(r[-1]) if len(r) > 2 else "".join(map(sign, r)) for r in runs) + "]"


def marks(tails):
    """What may follow a base character: one mark, or two in a fixed order."""
    single = {t[0] for t in tails if len(t) == 1}
    pairs = {first: {t[1] for t in tails if len(t) == 2 and t[0] == first} for first in {t[0] for t in tails if len(t) == 2}}
    out = [characters(single - pairs.keys())] if single - pairs.keys() else []
    out += [sign(first) + characters(seconds) + ("?" if first in single else "") for first, seconds in sorted(pairs.items())]
    return out[0] if len(out) == 1 and not pairs else "(" + "|".join(out) + ")"


def pattern(sequences):
    tails = {}
    for s in sequences:
        tails.setdefault(s[0], set())
        if len(s) > 1:
            tails[s[0]].add(s[1:])
        assert len(s) <= 3
    assert all((base,) in sequences for base in tails)
    groups = {}
    for base, follow in tails.items():
        groups.setdefault(frozenset(follow), set()).add(base)
    plain = groups.pop(frozenset())
    ascii = {code for code in plain if code < 0x80}
    rest = [characters(bases) + marks(follow) + "?" for follow, bases in sorted(groups.items(), key=lambda g: min(g[1]))]
    return "(" + "|".join([characters(ascii)] + rest + [characters(plain - ascii)]) + ")*"


def common(sequences):
    """Up to the end of Latin Extended-A."""
    return characters({s[0] for s in sequences if len(s) == 1 and s[0] < 0x180}) + "*"


def main():
    found = read(sys.argv[1])
    print(HEAD, end="")
    for name in sorted(found):
        print('  <xs:simpleType name="Datentyp%s">' % name)
        print('    <xs:annotation><xs:documentation xml:lang="de">%s</xs:documentation></xs:annotation>' % ABOUT[name])
        print('    <xs:restriction base="xs:string">')
        for value in common(found[name]), pattern(found[name]):
            print('      <xs:pattern value="%s"/>' % value)
        print("    </xs:restriction>\n  </xs:simpleType>")
    print("</xs:schema>")


if __name__ == "__main__":
    main()
