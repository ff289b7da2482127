import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.signature.AdvancedSignature;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.tsp.TimestampToken;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Oracle FOLDER NOW lets EU DSS judge the files whose paths within FOLDER come on
 * standard input, without a network and by its default policy: at NOW, and a day
 * after the latest time that stands in the file. Trusted is what stands at the
 * top of each path in the file itself: CA certificates that nobody else in it has
 * issued. It prints a line for each signature and time:
 *
 * path, time, SHA-256 of the signature value, format, indication, sub-indication,
 * SHA-256 of the trusted certificates (digests by their first 8 octets)
 */
public class Oracle {
    public static void main(String[] args) throws Exception {
        Instant now = Instant.parse(args[1]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String path; (path = in.readLine()) != null;) {
            try {
                judge(Path.of(args[0]), path, now);
            } catch (Exception | Error e) {
                System.out.println(path + "\t\t\t\tcannot judge\t" + e.getClass().getSimpleName() + "\t");
            }
            System.out.flush();
        }
    }

    static void judge(Path folder, String path, Instant now) throws Exception {
        Map<String, CertificateToken> known = new TreeMap<>();
        Instant latest = Instant.EPOCH;
        SignedDocumentValidator first = open(folder, path);
        first.setCertificateVerifier(offline(List.of()));
        List<TimestampToken> stamps = new ArrayList<>(first.getDetachedTimestamps());
        for (AdvancedSignature s : first.getSignatures()) {
            s.getCertificateSource().getCertificates().forEach(c -> known.put(digest(c.getEncoded()), c));
            stamps.addAll(s.getAllTimestamps());
            latest = later(latest, s.getSigningTime());
        }
        for (TimestampToken t : stamps) {
            t.getCertificates().forEach(c -> known.put(digest(c.getEncoded()), c));
            latest = later(latest, t.getGenerationTime());
        }
        Map<String, CertificateToken> trusted = new LinkedHashMap<>();
        known.forEach((name, c) -> {
            boolean below = known.values().stream().anyMatch(other -> other != c && !same(other, c) && c.isSignedBy(other));
            if (!below && c.getCertificate().getBasicConstraints() >= 0) {
                trusted.put(name, c);
            }
        });
        List<Instant> times = new ArrayList<>(List.of(now));
        if (latest.isAfter(Instant.EPOCH) && latest.isBefore(now)) {
            times.add(latest.plus(1, ChronoUnit.DAYS));
        }
        for (Instant time : times) {
            SignedDocumentValidator validator = open(folder, path);
            validator.setCertificateVerifier(offline(trusted.values()));
            validator.setValidationTime(Date.from(time));
            SimpleReport report = validator.validateDocument().getSimpleReport();
            Map<String, AdvancedSignature> byId = new LinkedHashMap<>();
            validator.getSignatures().forEach(s -> {
                byId.put(s.getId(), s);
                s.getCounterSignatures().forEach(c -> byId.remove(c.getId()));
            });
            for (AdvancedSignature s : byId.values()) {
                SubIndication sub = report.getSubIndication(s.getId());
                System.out.println(String.join("\t", path, time.toString(), digest(s.getSignatureValue()),
                    String.valueOf(report.getSignatureFormat(s.getId())), report.getIndication(s.getId()).name(),
                    sub == null ? "" : sub.name(), String.join(",", trusted.keySet())));
            }
        }
    }

    /** Certificates of one name and key: a cross-certificate and its self-signed twin. */
    static boolean same(CertificateToken a, CertificateToken b) {
        return a.getPublicKey().equals(b.getPublicKey()) && a.getSubject().equals(b.getSubject());
    }

    static SignedDocumentValidator open(Path folder, String path) {
        return SignedDocumentValidator.fromDocument(new FileDocument(folder.resolve(path).toFile()));
    }

    static CommonCertificateVerifier offline(Iterable<CertificateToken> anchors) {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        anchors.forEach(trusted::addCertificate);
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        verifier.setAIASource(null);
        verifier.setOcspSource(null);
        verifier.setCrlSource(null);
        return verifier;
    }

    static Instant later(Instant a, Date b) {
        return b == null || b.toInstant().isBefore(a) ? a : b.toInstant().truncatedTo(ChronoUnit.SECONDS);
    }

    static String digest(byte[] b) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(b), 0, 8);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
