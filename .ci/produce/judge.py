"""Judges what was signed, and compares it with what it was made from: judge.py FOLDER

FOLDER holds pdf/NAME.pdf, signed/LEVEL/NAME.pdf, dss.said (of EU DSS) and
sign.failed. It prints a line of figures for each level, the faults, and ends
with 1 if there is one, or fewer than 300 PDFs or 15 makers.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pikepdf

folder = Path(sys.argv[1])
faults = (folder / "sign.failed").read_text().splitlines()
said = {}
for line in (folder / "dss.said").read_text().splitlines():
    name, *signatures = line.split("\t")
    said[name] = signatures


def run(*command):
    p = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return p.returncode, p.stdout + p.stderr


def opened(path):
    return pikepdf.open(path, password="user" if "encrypted" in path.name else "")


def fields(pdf):
    """The form, as names and values, without signatures."""
    out = {}

    def walk(f, above):
        name = ".".join(x for x in (above, str(f.get("/T", ""))) if x)
        if f.get("/FT") != "/Sig":
            out[name] = (str(f.get("/V")), str(f.get("/AS")), str(f.get("/Ff")), str(f.get("/DA")))
        for kid in f.get("/Kids", []):
            walk(kid, name)

    form = pdf.Root.get("/AcroForm")
    if form is not None:
        for f in form.get("/Fields", []):
            walk(f, "")
        out["XFA"] = str(form.get("/XFA") is not None)
    return out


def kept(before, after):
    """What of the catalogue, the information and the pages is not as it was."""
    for key, value in before.Root.items():
        if key not in ("/AcroForm", "/DSS", "/Perms", "/Extensions", "/Version") and key not in after.Root:
            return f"{key} is gone from the catalogue"
    if fields(before).items() - fields(after).items():
        return "form fields have changed"
    if len(before.pages) != len(after.pages):
        return "another number of pages"
    for key in before.trailer.get("/Info", {}):
        if key not in after.trailer.get("/Info", {}):
            return f"{key} is gone from the information"
    if before.is_encrypted != after.is_encrypted:
        return "encrypted before, or after, and not both"
    return ""


def judge(item):
    level, path = item
    source, secret = folder / "pdf" / path.name, []
    if "encrypted" in path.name:
        secret = ["--password=owner"]
    found = []
    code, text = run("qpdf", "--check", *secret, str(path))
    if code != 0 and run("qpdf", "--check", *secret, str(source))[0] == 0:
        found.append(f"qpdf: {text.strip().splitlines()[-1]}")
    _, text = run("pdfsig", "-nocert", *(["-upw", "user"] if secret else []), str(path))
    if "Signature is Valid" not in text or "Total document signed" not in text and level != "LT" and level != "LTA":
        found.append("pdfsig: " + "; ".join(x.strip(" -") for x in text.splitlines() if "Validation" in x or "signed" in x or "rror" in x))
    want = f"PAdES-BASELINE-{level} TOTAL_PASSED null"
    if level in ("LT", "LTA"):
        if said.get(str(path)) != [want]:
            found.append(f"EU DSS: {said.get(str(path))}")
    elif not said.get(str(path)) or not said[str(path)][0].startswith(f"PAdES-BASELINE-{level} INDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE"):
        found.append(f"EU DSS: {said.get(str(path))}")  # without lists, no more can be said
    with opened(source) as before, opened(path) as after:
        if why := kept(before, after):
            found.append(why)
    return [f"{path.stem} {level}: {x}" for x in found]


levels = ("B", "T", "LT", "LTA")
items = [(level, path) for level in levels for path in sorted((folder / "signed" / level).glob("*.pdf"))]
with ThreadPoolExecutor(2) as pool:
    for found in pool.map(judge, items):
        faults += found
sources = sorted((folder / "pdf").glob("*.pdf"))
makers = {p.stem.split("-")[0] for p in sources}
for level in levels:
    signed = len(list((folder / "signed" / level).glob("*.pdf")))
    wrong = len({f.split()[0] for f in faults if f.split()[1].rstrip(":") == level})
    print(f"B-{level:4} {signed} of {len(sources)} PDFs signed, {len(sources) - wrong} without fault")
for fault in faults:
    print("FAIL ", fault)
print(f"produce: {len(sources)} PDFs of {len(makers)} makers, {len(faults)} faults")
sys.exit(1 if faults or len(sources) < 300 or len(makers) < 15 else 0)
