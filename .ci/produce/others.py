"""Makes PDFs that hold what no maker writes by itself: others.py FOLDER"""

import sys
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

out = Path(sys.argv[1])


def blank(pages=1):
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    return pdf


def xfa(dynamic):
    """A form of Adobe's old kind: a template beside the fields (ISO 32000-1 §12.7.8)."""
    pdf = blank()
    field = pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("tenant"), V=String("Olena"),
        Rect=[50, 700, 250, 720], P=pdf.pages[0].obj))
    pdf.pages[0].Annots = Array([field])
    template = b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><subform name="lease"/></template></xdp:xdp>'
    data = b'<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><lease><tenant>Olena</tenant></lease></xfa:data></xfa:datasets>'
    parts = Array([String("template"), pdf.make_stream(template), String("datasets"), pdf.make_stream(data)])
    pdf.Root.AcroForm = Dictionary(Fields=[field], DA=String("/Helv 0 Tf 0 g"), XFA=pdf.make_stream(template) if dynamic else parts)
    if dynamic:
        pdf.Root.NeedsRendering = True
    return pdf


for dynamic in (False, True):
    for streams in pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate:
        xfa(dynamic).save(out / f"other-xfa-{dynamic}-{streams.name}.pdf", object_stream_mode=streams)

blank(10_000).save(out / "other-10000-pages.pdf")
blank(10_000).save(out / "other-10000-pages-objects.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)

# 500 MB, as a scan is: one stream that is no text.
big = blank()
big.pages[0].Contents = Stream(big, b"% " + b"x" * 60 + b"\n")
big.attachments["scan.bin"] = bytes(500 << 20)
big.save(out / "other-500-mb.pdf", compress_streams=False)

# Direct objects where most have references, and the other way round.
odd = blank()
odd.Root.AcroForm = odd.make_indirect(Dictionary(Fields=odd.make_indirect(Array([])), SigFlags=odd.make_indirect(0)))
odd.pages[0].Annots = odd.make_indirect(Array([]))
odd.save(out / "other-indirect.pdf")
odd = blank(3)
odd.Root.Extensions = Dictionary(ADBE=Dictionary(BaseVersion=Name("/1.7"), ExtensionLevel=8))
odd.Root.Version = Name("/1.7")
odd.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
odd.Root.PageLabels = Dictionary(Nums=[0, Dictionary(S=Name.r)])
odd.Root.OpenAction = Array([odd.pages[0].obj, Name.Fit])
odd.save(out / "other-catalogue.pdf")
layers = blank()
layer = layers.make_indirect(Dictionary(Type=Name.OCG, Name=String("Layer")))
layers.Root.OCProperties = Dictionary(OCGs=[layer], D=Dictionary(ON=[layer], Order=[layer]))
layers.save(out / "other-layers.pdf")
print("10 other PDFs")
