import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.io.FileInputStream;
import java.util.List;

/**
 * Judge FOLDER FILE [CONTENT] lets EU DSS judge a signature: FOLDER is a tamga
 * data folder, whose test root is trusted and whose revocation lists, if it has
 * any, are used.
 * It prints format, indication and sub-indication of every signature, and ends
 * with 0 if all of them are TOTAL-PASSED.
 */
public class Judge {
    public static void main(String[] args) throws Exception {
        File folder = new File(args[0]);
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(folder, "certs/test-root.pem")));
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        if (new File(folder, "crl").exists()) {
            verifier.setCrlSource(new ExternalResourcesCRLSource(
                new FileInputStream(new File(folder, "crl/test-root.crl")),
                new FileInputStream(new File(folder, "crl/test-ca.crl"))));
        }
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(args[1]));
        validator.setCertificateVerifier(verifier);
        if (args.length > 2) {
            validator.setDetachedContents(List.<DSSDocument>of(new FileDocument(args[2])));
        }
        SimpleReport report = validator.validateDocument().getSimpleReport();
        boolean passed = report.getSignaturesCount() > 0;
        for (String id : report.getSignatureIdList()) {
            System.out.println(report.getSignatureFormat(id) + " " + report.getIndication(id) + " " + report.getSubIndication(id));
            report.getAdESValidationErrors(id).forEach(m -> System.out.println("  error: " + m.getValue()));
            report.getAdESValidationWarnings(id).forEach(m -> System.out.println("  warning: " + m.getValue()));
            passed &= report.getIndication(id) == Indication.TOTAL_PASSED;
        }
        System.exit(passed ? 0 : 1);
    }
}
