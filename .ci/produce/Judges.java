import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;

/**
 * Judges ROOT lets EU DSS judge the PDFs whose names come on standard input,
 * each after the password that opens it (- for none) and a tab, trusting the
 * certificate ROOT alone. A line per file: its name, then format, indication
 * and sub-indication of each signature.
 */
public class Judges {
    public static void main(String[] args) throws Exception {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(args[0])));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null;) {
            String[] parts = line.split("\t");
            StringBuilder out = new StringBuilder(parts[1]);
            try {
                CommonCertificateVerifier verifier = new CommonCertificateVerifier();
                verifier.setTrustedCertSources(trusted);
                PDFDocumentValidator validator = new PDFDocumentValidator(new FileDocument(parts[1]));
                if (!parts[0].equals("-")) {
                    validator.setPasswordProtection(parts[0].toCharArray());
                }
                validator.setCertificateVerifier(verifier);
                SimpleReport report = validator.validateDocument().getSimpleReport();
                for (String id : report.getSignatureIdList()) {
                    out.append('\t').append(report.getSignatureFormat(id)).append(' ').append(report.getIndication(id))
                        .append(' ').append(report.getSubIndication(id));
                    report.getAdESValidationErrors(id).forEach(m -> out.append(" error: ").append(m.getValue()));
                }
            } catch (Exception | Error e) {
                out.append("\tcannot judge: ").append(e);
            }
            System.out.println(out);
            System.out.flush();
        }
    }
}
