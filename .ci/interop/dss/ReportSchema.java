import eu.europa.esig.validationreport.ValidationReportUtils;
import java.io.File;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Validator;
import org.xml.sax.SAXException;

/**
 * ReportSchema FILE... holds validation reports against the XML schema of ETSI
 * TS 119 102-2 V1.4.1, as EU DSS carries it, and reads them as EU DSS does. It
 * prints what is wrong with each, and ends with 0 if nothing is.
 */
public class ReportSchema {
    public static void main(String[] args) throws Exception {
        Validator validator = ValidationReportUtils.getInstance().getSchema().newValidator();
        boolean good = args.length > 0;
        for (String name : args) {
            try {
                validator.validate(new StreamSource(new File(name)));
                int signatures = eu.europa.esig.validationreport.ValidationReportFacade.newFacade()
                    .unmarshall(new File(name)).getSignatureValidationReport().size();
                System.out.println(name + ": fits, reports on signatures: " + signatures);
            } catch (SAXException e) {
                System.out.println(name + ": " + e.getMessage());
                good = false;
            }
        }
        System.exit(good ? 0 : 1);
    }
}
