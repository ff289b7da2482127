"""Makes PDFs with every maker that PyPI has: makers.py FOLDER

A maker that is not installed is told and left out. Everything is made with
fixed texts, in letters of several scripts where the maker's own fonts have them.
"""

import io
import sys
from pathlib import Path

out = Path(sys.argv[1])
TEXT = "Lease agreement. The tenant pays 500 a month. " * 20
made = 0


def maker(function):
    """Runs a maker; each yields pairs of a name and the bytes of a PDF."""
    global made
    name = function.__name__
    try:
        for variant, data in function():
            (out / f"{name}-{variant}.pdf").write_bytes(data)
            made += 1
    except Exception as e:  # what a maker cannot do is left out, and counted as missing by who asked
        print(f"skip  {name}, the rest of it: {type(e).__name__} {e}")
    return function


@maker
def reportlab():
    from reportlab.lib.pagesizes import A4, letter
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen import canvas

    def page(c, n):
        for line in range(40):
            c.drawString(50, 780 - 18 * line, f"Page {n}, line {line}. {TEXT[:60]}")
        c.showPage()

    for compress in (0, 1):
        for version in ((1, 3), (1, 4), (1, 5), (1, 7)):
            for pages in (1, 3, 50):
                b = io.BytesIO()
                c = canvas.Canvas(b, pagesize=A4, pageCompression=compress, pdfVersion=version)
                for n in range(pages):
                    page(c, n)
                c.save()
                yield f"{version[1]}-{compress}-{pages}", b.getvalue()
    b = io.BytesIO()
    c = canvas.Canvas(b, pagesize=letter)
    form = c.acroForm
    form.textfield(name="tenant", x=50, y=700, width=200, height=20, value="Olena")
    form.textfield(name="city", x=50, y=660, width=200, height=20)
    form.checkbox(name="agreed", x=50, y=620, checked=True)
    form.radio(name="kind", value="one", x=50, y=580, selected=True)
    form.radio(name="kind", value="two", x=90, y=580)
    form.choice(name="term", value="year", options=["month", "year"], x=50, y=540, width=100, height=20)
    form.listbox(name="list", value="a", options=["a", "b"], x=50, y=480, width=100, height=40)
    page(c, 1)
    c.save()
    yield "form", b.getvalue()
    b = io.BytesIO()
    c = canvas.Canvas(b)
    c.bookmarkPage("one")
    c.addOutlineEntry("One", "one")
    c.linkURL("https://example.org/", (0, 0, 100, 100))
    c.setTitle("Оренда")
    c.setAuthor("õ ä ü")
    page(c, 1)
    c.save()
    yield "outline", b.getvalue()


@maker
def fpdf2():
    import fpdf

    def document(**options):
        pdf = fpdf.FPDF(**options)
        return pdf

    for compress in (True, False):
        for pages in (1, 2, 30):
            pdf = document()
            pdf.set_compression(compress)
            for n in range(pages):
                pdf.add_page()
                pdf.set_font("helvetica", size=11)
                pdf.multi_cell(0, 6, f"{n}: {TEXT}")
            yield f"{'z' if compress else 'plain'}-{pages}", bytes(pdf.output())
    for orientation in ("portrait", "landscape"):
        for size in ("A3", "A4", "A5", "Letter"):
            pdf = document(orientation=orientation, format=size)
            pdf.add_page()
            pdf.set_font("times", size=14)
            pdf.cell(text="A page of its own size")
            pdf.set_title("Title")
            pdf.start_section("One") if hasattr(pdf, "start_section") else None
            yield f"{orientation}-{size}", bytes(pdf.output())
    pdf = document()
    pdf.add_page()
    pdf.set_font("courier", size=10)
    with pdf.table() as table:
        for i in range(30):
            row = table.row()
            for j in range(4):
                row.cell(f"{i},{j}")
    pdf.set_lang("et")
    yield "table", bytes(pdf.output())


@maker
def weasyprint():
    from weasyprint import HTML

    html = "<html lang=uk><head><title>Оренда</title></head><body><h1>Оренда</h1><p>Ґанок, їжак, õun, šokolaad.</p>%s</body></html>"
    bodies = {
        "plain": TEXT, "table": "<table>" + "<tr><td>a<td>b" * 100 + "</table>",
        "long": "<p>" + TEXT * 200, "link": "<a href='https://example.org/'>there</a><a href='#x'>here</a><p id=x>x",
        "form": "<form><input name=tenant value=Olena><textarea name=notes></textarea><input type=checkbox name=c checked></form>",
        "svg": "<svg width=100 height=100><circle cx=50 cy=50 r=40 fill=red /></svg>",
    }
    for name, body in bodies.items():
        yield name, HTML(string=html % body).write_pdf()
        yield f"{name}-full", HTML(string=html % body).write_pdf(uncompressed_pdf=True)
    for variant in ("pdf/a-1b", "pdf/a-2b", "pdf/a-3b", "pdf/a-2u", "pdf/a-3u", "pdf/ua-1"):
        for name in ("plain", "table"):
            yield f"{variant.replace('/', '')}-{name}", HTML(string=html % bodies[name]).write_pdf(pdf_variant=variant)
    yield "forms", HTML(string=html % bodies["form"]).write_pdf(pdf_forms=True)
    yield "tagged", HTML(string=html % bodies["table"]).write_pdf(pdf_tags=True)
    yield "2.0", HTML(string=html % bodies["plain"]).write_pdf(pdf_version="2.0")


@maker
def matplotlib():
    import matplotlib

    matplotlib.use("pdf")
    from matplotlib import pyplot
    from matplotlib.backends.backend_pdf import PdfPages

    for kind in ("line", "bar", "scatter", "image", "text"):
        for fonts in (3, 42):
            matplotlib.rcParams["pdf.fonttype"] = fonts
            for compression in (0, 6):
                matplotlib.rcParams["pdf.compression"] = compression
                figure, axes = pyplot.subplots()
                axes.set_title("Графік õäöü")
                if kind == "line":
                    axes.plot(range(100))
                elif kind == "bar":
                    axes.bar(range(10), range(10))
                elif kind == "scatter":
                    axes.scatter(range(500), range(500))
                elif kind == "image":
                    axes.imshow([[1, 2], [3, 4]])
                else:
                    axes.text(0.1, 0.5, "Ґанок")
                b = io.BytesIO()
                figure.savefig(b, format="pdf")
                pyplot.close(figure)
                yield f"{kind}-{fonts}-{compression}", b.getvalue()
    b = io.BytesIO()
    with PdfPages(b) as pages:
        for _ in range(5):
            figure = pyplot.figure()
            pages.savefig(figure)
            pyplot.close(figure)
    yield "pages", b.getvalue()


def png(mode="RGB", size=(64, 64)):
    from PIL import Image

    b = io.BytesIO()
    Image.new(mode, size, 1).save(b, "PNG")
    return b.getvalue()


@maker
def pillow():
    from PIL import Image

    for mode in ("RGB", "L", "1", "CMYK", "P"):
        for pages in (1, 4):
            images = [Image.new(mode, (200, 100), 1) for _ in range(pages)]
            b = io.BytesIO()
            images[0].save(b, "PDF", save_all=True, append_images=images[1:], title="Scan")
            yield f"{mode}-{pages}", b.getvalue()


@maker
def img2pdf():
    import img2pdf as maker

    for mode in ("RGB", "L", "1"):
        for pages in (1, 6):
            yield f"{mode}-{pages}", maker.convert([png(mode)] * pages)
    yield "pdfa", maker.convert([png()], pdfa=None)


@maker
def pypdf():
    from pypdf import PdfWriter

    for pages in (1, 10):
        w = PdfWriter()
        for _ in range(pages):
            w.add_blank_page(595, 842)
        w.add_metadata({"/Title": "Оренда"})
        w.add_outline_item("One", 0)
        b = io.BytesIO()
        w.write(b)
        yield f"blank-{pages}", b.getvalue()
        for algorithm in ("RC4-40", "RC4-128", "AES-128", "AES-256"):
            w = PdfWriter()
            for _ in range(pages):
                w.add_blank_page(595, 842)
            w.encrypt("user", "owner", algorithm=algorithm)
            b = io.BytesIO()
            w.write(b)
            yield f"encrypted-{algorithm}-{pages}", b.getvalue()
    w = PdfWriter()
    w.add_blank_page(200, 200)
    w.add_attachment("note.txt", b"a note")
    w.add_js("app.alert('hello')")
    b = io.BytesIO()
    w.write(b)
    yield "attachment", b.getvalue()


@maker
def pikepdf():
    import pikepdf as maker

    streams = maker.ObjectStreamMode
    for name, options in {
        "table": {"object_stream_mode": streams.disable}, "objects": {"object_stream_mode": streams.generate},
        "linear": {"linearize": True}, "linear-objects": {"linearize": True, "object_stream_mode": streams.generate},
        "qdf": {"qdf": True}, "1.2": {"force_version": "1.2"}, "2.0": {"force_version": "2.0"},
        "plain": {"compress_streams": False, "stream_decode_level": maker.StreamDecodeLevel.generalized},
        "id": {"deterministic_id": True},
    }.items():
        for pages in (1, 20):
            pdf = maker.new()
            for _ in range(pages):
                pdf.add_blank_page(page_size=(595, 842))
            b = io.BytesIO()
            pdf.save(b, **options)
            yield f"{name}-{pages}", b.getvalue()
    for r in (2, 3, 4, 6):
        pdf = maker.new()
        pdf.add_blank_page()
        b = io.BytesIO()
        pdf.save(b, encryption=maker.Encryption(user="user", owner="owner", R=r, aes=r >= 4, metadata=r >= 4))
        yield f"encrypted-R{r}", b.getvalue()
    pdf = maker.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    with pdf.open_metadata() as meta:
        meta["dc:title"] = "Оренда"
    pdf.Root.Lang = "uk"
    page.Rotate = 90
    page.UserUnit = 2
    pdf.attachments["note.txt"] = b"a note"
    b = io.BytesIO()
    pdf.save(b)
    yield "rotated", b.getvalue()


@maker
def pymupdf():
    import pymupdf as maker

    for pages in (1, 5, 100):
        for options in ({}, {"garbage": 4, "deflate": True}, {"use_objstms": 1}, {"clean": True}):
            d = maker.open()
            for n in range(pages):
                d.new_page().insert_text((72, 72), f"{n} {TEXT[:50]}")
            yield f"{pages}-{'-'.join(options) or 'plain'}", d.tobytes(**options)
    d = maker.open()
    page = d.new_page()
    for i, kind in enumerate((maker.PDF_WIDGET_TYPE_TEXT, maker.PDF_WIDGET_TYPE_CHECKBOX)):
        w = maker.Widget()
        w.field_name, w.field_type, w.rect = f"field{i}", kind, maker.Rect(50, 50 + 40 * i, 200, 80 + 40 * i)
        if i == 0:
            w.field_value = "Olena"
        page.add_widget(w)
    page.add_highlight_annot(maker.Rect(10, 10, 50, 50))
    page.add_freetext_annot(maker.Rect(10, 300, 200, 350), "a remark")
    d.set_toc([[1, "One", 1]])
    yield "form", d.tobytes()
    for encryption in (maker.PDF_ENCRYPT_RC4_128, maker.PDF_ENCRYPT_AES_128, maker.PDF_ENCRYPT_AES_256):
        d = maker.open()
        d.new_page()
        yield f"encrypted-{encryption}", d.tobytes(encryption=encryption, user_pw="user", owner_pw="owner")


@maker
def pypdfium2():
    import pypdfium2 as maker

    for pages in (1, 3):
        for version in (14, 17):
            d = maker.PdfDocument.new()
            for _ in range(pages):
                d.new_page(300, 400)
            b = io.BytesIO()
            d.save(b, version=version)
            yield f"{version}-{pages}", b.getvalue()


@maker
def xhtml2pdf():
    from xhtml2pdf import pisa

    for name, body in {"plain": TEXT, "table": "<table>" + "<tr><td>a</td><td>b</td></tr>" * 30 + "</table>"}.items():
        b = io.BytesIO()
        pisa.CreatePDF(f"<html><body><h1>Lease</h1><p>{body}</p></body></html>", dest=b)
        yield name, b.getvalue()


@maker
def borb():
    from borb.pdf import PDF, Document, Page, Paragraph, SingleColumnLayout

    for pages in (1, 3):
        d = Document()
        for _ in range(pages):
            page = Page()
            d.append_page(page)
            SingleColumnLayout(page).append_layout_element(Paragraph("A lease"))
        path = out / f".borb-{pages}"
        PDF.write(what=d, where_to=str(path))
        data = path.read_bytes()
        path.unlink()
        yield f"{pages}", data


print(f"{made} PDFs by makers of PyPI")
