import com.lowagie.text.Chunk;
import com.lowagie.text.Paragraph;
import com.lowagie.text.pdf.PdfFormField;
import com.lowagie.text.pdf.PdfWriter;
import com.lowagie.text.pdf.TextField;
import com.lowagie.text.Rectangle;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdfwriter.compress.CompressParameters;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.apache.pdfbox.pdmodel.interactive.form.PDAcroForm;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;
import org.apache.pdfbox.pdmodel.interactive.form.PDTextField;

/** Makes PDFs with PDFBox and OpenPDF: Makers FOLDER. */
public class Makers {
    static int made;
    static File folder;

    public static void main(String[] args) throws Exception {
        folder = new File(args[0]);
        for (int pages : new int[] {1, 2, 30}) {
            for (boolean objectStreams : new boolean[] {true, false}) {
                for (float version : new float[] {1.4f, 1.6f, 1.7f}) {
                    pdfbox("pages-" + pages + "-" + objectStreams + "-" + version, pages, objectStreams, version, false, 0);
                }
            }
        }
        pdfbox("form", 1, true, 1.7f, true, 0);
        pdfbox("form-table", 1, false, 1.4f, true, 0);
        for (int bits : new int[] {40, 128, 256}) {
            pdfbox("encrypted-" + bits, 1, false, bits == 256 ? 1.7f : 1.6f, bits == 128, bits);
        }
        for (int pages : new int[] {1, 5}) {
            for (boolean full : new boolean[] {true, false}) {
                for (char version : new char[] {'3', '4', '5', '7'}) {
                    openpdf("pages-" + pages + "-" + full + "-" + version, pages, full, version, false, 0);
                }
            }
        }
        openpdf("form", 1, false, '6', true, 0);
        openpdf("encrypted-rc4-40", 1, false, '4', false, PdfWriter.STANDARD_ENCRYPTION_40);
        openpdf("encrypted-rc4-128", 1, false, '4', false, PdfWriter.STANDARD_ENCRYPTION_128);
        openpdf("encrypted-aes-128", 1, true, '6', false, PdfWriter.ENCRYPTION_AES_128);
        System.out.println(made + " PDFs by makers of Maven");
    }

    static void pdfbox(String name, int pages, boolean objectStreams, float version, boolean form, int bits) throws IOException {
        try (PDDocument d = new PDDocument()) {
            PDType1Font font = new PDType1Font(Standard14Fonts.FontName.HELVETICA);
            for (int i = 0; i < pages; i++) {
                PDPage page = new PDPage(PDRectangle.A4);
                d.addPage(page);
                try (PDPageContentStream s = new PDPageContentStream(d, page)) {
                    s.beginText();
                    s.setFont(font, 12);
                    s.newLineAtOffset(50, 700);
                    s.showText("Page " + i + " of a lease");
                    s.endText();
                }
            }
            if (form) {
                PDAcroForm f = new PDAcroForm(d);
                d.getDocumentCatalog().setAcroForm(f);
                PDResources resources = new PDResources();
                resources.put(COSName.getPDFName("Helv"), font);
                f.setDefaultResources(resources);
                f.setDefaultAppearance("/Helv 12 Tf 0 g");
                PDTextField tenant = new PDTextField(f);
                tenant.setPartialName("tenant");
                f.getFields().add(tenant);
                tenant.getWidgets().get(0).setRectangle(new PDRectangle(50, 500, 200, 20));
                tenant.getWidgets().get(0).setPage(d.getPage(0));
                d.getPage(0).getAnnotations().add(tenant.getWidgets().get(0));
                tenant.setValue("Olena");
                PDSignatureField empty = new PDSignatureField(f);
                empty.setPartialName("landlord");
                f.getFields().add(empty);
                empty.getWidgets().get(0).setRectangle(new PDRectangle(50, 400, 200, 40));
                empty.getWidgets().get(0).setPage(d.getPage(0));
                d.getPage(0).getAnnotations().add(empty.getWidgets().get(0));
            }
            d.setVersion(version);
            if (bits > 0) {
                StandardProtectionPolicy policy = new StandardProtectionPolicy("owner", "user", new AccessPermission());
                policy.setEncryptionKeyLength(bits);
                policy.setPreferAES(bits >= 128);
                d.protect(policy);
            }
            d.save(new File(folder, "pdfbox-" + name + ".pdf"),
                objectStreams ? CompressParameters.DEFAULT_COMPRESSION : CompressParameters.NO_COMPRESSION);
            made++;
        }
    }

    static void openpdf(String name, int pages, boolean full, char version, boolean form, int encryption) throws Exception {
        com.lowagie.text.Document d = new com.lowagie.text.Document();
        PdfWriter w = PdfWriter.getInstance(d, new FileOutputStream(new File(folder, "openpdf-" + name + ".pdf")));
        w.setPdfVersion(version);
        if (encryption > 0 || name.contains("encrypted")) {
            w.setEncryption("user".getBytes(), "owner".getBytes(), PdfWriter.ALLOW_PRINTING | PdfWriter.ALLOW_MODIFY_CONTENTS, encryption);
        }
        if (full) {
            w.setFullCompression();
        }
        d.open();
        for (int i = 0; i < pages; i++) {
            d.newPage();
            d.add(new Paragraph("Page " + i + " of a lease"));
            d.add(new Chunk("there").setAnchor("https://example.org/"));
        }
        if (form) {
            TextField tenant = new TextField(w, new Rectangle(50, 500, 250, 520), "tenant");
            tenant.setText("Olena");
            PdfFormField field = tenant.getTextField();
            w.addAnnotation(field);
            PdfFormField empty = PdfFormField.createSignature(w);
            empty.setFieldName("landlord");
            empty.setWidget(new Rectangle(50, 400, 250, 440), null);
            empty.setPage();
            w.addAnnotation(empty);
        }
        d.close();
        made++;
    }
}
