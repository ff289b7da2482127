// Makes PDFs with makers of npm: node makers.mjs FOLDER
import { createWriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";

const folder = process.argv[2];
const text = "Lease agreement. The tenant pays 500 a month. ".repeat(20);
const require = createRequire(import.meta.url);
let made = 0;
const save = (name, bytes) => { writeFileSync(join(folder, `${name}.pdf`), bytes); made++; };

const { PDFDocument, StandardFonts, degrees } = await import("pdf-lib");
for (const useObjectStreams of [true, false]) {
  for (const pages of [1, 2, 40]) {
    const d = await PDFDocument.create();
    const font = await d.embedFont(StandardFonts.Helvetica);
    for (let i = 0; i < pages; i++) d.addPage().drawText(`${i} ${text.slice(0, 60)}`, { x: 50, y: 700, size: 12, font });
    d.setTitle("Оренда");
    save(`pdf-lib-${useObjectStreams}-${pages}`, await d.save({ useObjectStreams }));
  }
  const d = await PDFDocument.create();
  const page = d.addPage([400, 400]);
  page.setRotation(degrees(90));
  const form = d.getForm();
  const tenant = form.createTextField("lease.tenant");
  tenant.setText("Olena");
  tenant.addToPage(page, { x: 20, y: 300 });
  const agreed = form.createCheckBox("lease.agreed");
  agreed.addToPage(page, { x: 20, y: 250 });
  agreed.check();
  const term = form.createDropdown("lease.term");
  term.addOptions(["month", "year"]);
  term.select("year");
  term.addToPage(page, { x: 20, y: 200 });
  const kind = form.createRadioGroup("lease.kind");
  kind.addOptionToPage("a", page, { x: 20, y: 150 });
  kind.addOptionToPage("b", page, { x: 80, y: 150 });
  kind.select("b");
  await d.attach(new TextEncoder().encode("a note"), "note.txt", { mimeType: "text/plain" });
  save(`pdf-lib-${useObjectStreams}-form`, await d.save({ useObjectStreams }));
}

const PDFKit = require("pdfkit");
const kit = (name, options, draw) => new Promise((done) => {
  const d = new PDFKit(options);
  const out = createWriteStream(join(folder, `pdfkit-${name}.pdf`));
  d.pipe(out);
  draw(d);
  d.end();
  out.on("finish", () => { made++; done(); });
});
for (const pdfVersion of ["1.3", "1.4", "1.5", "1.6", "1.7", "1.7ext3"]) {
  await kit(pdfVersion, { pdfVersion }, (d) => d.text(text));
  await kit(`${pdfVersion}-encrypted`, { pdfVersion, userPassword: "user", ownerPassword: "owner" }, (d) => d.text(text));
}
for (const compress of [true, false]) {
  await kit(`compress-${compress}`, { compress }, (d) => { for (let i = 0; i < 20; i++) d.addPage().text(text); });
}
await kit("form", {}, (d) => {
  d.initForm();
  d.formText("tenant", 20, 20, 200, 30, { value: "Olena" });
  d.formCheckbox("agreed", 20, 60, 20, 20);
  d.formCombo("term", 20, 100, 100, 20, { select: ["month", "year"], value: "year" });
});
await kit("tagged", { tagged: true, lang: "et", displayTitle: true, info: { Title: "Leping" } }, (d) => {
  const part = d.struct("Document");
  d.addStructure(part);
  part.add(d.struct("P", () => d.text(text)));
  part.end();
});
await kit("annotations", {}, (d) => { d.text("a"); d.note(20, 20, 50, 50, "a remark"); d.link(20, 80, 50, 50, "https://example.org/"); d.highlight(20, 140, 50, 50); });

const { jsPDF } = await import("jspdf");
for (const format of ["a3", "a4", "a5", "letter"]) {
  for (const compress of [true, false]) {
    for (const pages of [1, 10]) {
      const d = new jsPDF({ format, compress });
      for (let i = 1; i < pages; i++) d.addPage();
      d.text(text.slice(0, 60), 10, 10);
      save(`jspdf-${format}-${compress}-${pages}`, Buffer.from(d.output("arraybuffer")));
    }
  }
}
for (const permissions of [["print"], ["print", "modify", "copy", "annot-forms"]]) {
  const d = new jsPDF({ encryption: { userPassword: "user", ownerPassword: "owner", userPermissions: permissions } });
  d.text("a", 10, 10);
  save(`jspdf-encrypted-${permissions.length}`, Buffer.from(d.output("arraybuffer")));
}
{
  const d = new jsPDF();
  const field = new d.AcroFormTextField();
  field.fieldName = "tenant";
  field.Rect = [10, 10, 50, 10];
  field.value = "Olena";
  d.addField(field);
  const box = new d.AcroFormCheckBox();
  box.fieldName = "agreed";
  box.Rect = [10, 30, 10, 10];
  d.addField(box);
  save("jspdf-form", Buffer.from(d.output("arraybuffer")));
}

const pdfmake = require("pdfmake");
pdfmake.setFonts({ Helvetica: { normal: "Helvetica", bold: "Helvetica-Bold", italics: "Helvetica-Oblique", bolditalics: "Helvetica-BoldOblique" } });
for (const version of ["1.3", "1.4", "1.5", "1.6", "1.7"]) {
  for (const rows of [3, 300]) {
    const d = pdfmake.createPdf({
      version, defaultStyle: { font: "Helvetica" }, info: { title: "Lease" }, watermark: { text: "copy", font: "Helvetica" },
      content: [{ text: "Lease", fontSize: 20 }, { table: { body: Array.from({ length: rows }, (_, i) => [`${i}`, "a", "b"]) } }],
    });
    save(`pdfmake-${version}-${rows}`, await d.getBuffer());
  }
}
console.log(`${made} PDFs by makers of npm`);
