package path_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki/path"
	"tamga/pki/pkitest"
)

// nameCases says of BoringSSL's name constraints which of its names they permit
// (+) and refuse (-). The files hold bytes only; the verdicts are read from RFC
// 5280 §4.2.1.10; what BoringSSL makes of these files is not asked here.
var nameCases = map[string]string{
	"directoryname": "+name-us +name-us-arizona -name-us-california -name-us-california-mountain_view " +
		"-name-de -name-ca -name-jp +name-jp-tokyo +name-empty -san-excluded-directoryname -san-directoryname/name-ca",
	"directoryname-excluded": "+name-us +name-us-arizona -name-us-california " +
		"-name-us-california-mountain_view +name-ca",
	"directoryname-excludeall": "-name-us -name-us-arizona -name-ca -name-de",
	"dnsname": "+san-permitted -san-excluded-dnsname -san-dnsname +name-us-arizona " +
		"+name-us-arizona-permitted.example.com -name-us-arizona-foo.com +san-rfc822name +san-ipaddress4",
	"dnsname2":                           "+san-permitted/name-us +san-excluded-ipaddress",
	"dnsname-excluded":                   "+san-permitted -san-excluded-dnsname +san-dnsname",
	"dnsname-excludeall":                 "-san-permitted -san-dnsname +san-rfc822name +name-us",
	"dnsname-exclude_dot":                "-san-permitted -san-dnsname +name-us",
	"dnsname-permitted_with_leading_dot": "-san-permitted -san-dnsname",
	"dnsname-permitted_two_dot":          "-san-permitted -san-dnsname +name-us",
	"dnsname-excluded_with_leading_dot":  "+san-permitted +san-dnsname",
	"dnsname-with_max":                   "-name-us -san-permitted",
	"dnsname-with_min_0_and_max":         "-name-us -san-permitted",
	"dnsname-with_min_1":                 "-name-us -san-permitted",
	"dnsname-with_min_1_and_max":         "-name-us -san-permitted",
	"dnsname-with_min_0":                 "-name-us -san-permitted",
	"directoryname_and_dnsname": "+san-permitted/name-us -san-permitted/name-ca " +
		"-san-excluded-directoryname -san-excluded-dnsname",
	"directoryname_and_dnsname_and_ipaddress": "+san-permitted/name-us -san-excluded-ipaddress/name-us " +
		"-san-excluded-dnsname/name-us -san-excluded-directoryname/name-us -san-permitted/name-us-california",
	"ipaddress":                               "+san-permitted -san-excluded-ipaddress -san-ipaddress6 +san-dnsname +name-us",
	"ipaddress-excluded":                      "+san-permitted -san-excluded-ipaddress +san-ipaddress4 +san-ipaddress6",
	"ipaddress-excludeall":                    "-san-permitted -san-ipaddress4 -san-ipaddress6",
	"ipaddress-permit_all":                    "+san-permitted +san-ipaddress4 -san-ipaddress6",
	"ipaddress-permit_prefix1":                "+san-permitted +san-ipaddress4",
	"ipaddress-permit_prefix31":               "+san-permitted -san-ipaddress4",
	"ipaddress-permit_singlehost":             "-san-permitted -san-ipaddress4",
	"ipaddress-mapped_addrs":                  "-san-permitted -san-ipaddress4 -san-ipaddress6",
	"ipaddress-invalid_addr":                  "-name-us",
	"ipaddress-invalid_mask_not_contiguous_1": "-name-us",
	"ipaddress-invalid_mask_not_contiguous_2": "-name-us",
	"ipaddress-invalid_mask_not_contiguous_3": "-name-us",
	"ipaddress-invalid_mask_not_contiguous_4": "-name-us",
	"invalid-empty_excluded_subtree":          "-name-us",
	"invalid-empty_permitted_subtree":         "-name-us",
	"invalid-no_subtrees":                     "-name-us",
	"edipartyname-excluded":                   "-san-edipartyname +san-dnsname",
	"edipartyname-permitted":                  "-san-edipartyname +san-dnsname",
	"othername-excluded":                      "-san-othername +san-dnsname",
	"othername-permitted":                     "-san-othername +san-dnsname",
	"registeredid-excluded":                   "-san-registeredid +san-dnsname",
	"registeredid-permitted":                  "-san-registeredid +san-dnsname",
	"x400address-excluded":                    "-san-x400address +san-dnsname",
	"x400address-permitted":                   "-san-x400address +san-dnsname",
	"uri-excluded":                            "-san-uri +san-dnsname",
	"uri-permitted":                           "-san-uri +san-dnsname",
	"rfc822name-permitted": "+san-rfc822name -san-rfc822name-localpartcase +san-rfc822name-domaincase " +
		"-san-rfc822name-multiple -san-rfc822name-subdomain " + unclearMailboxes +
		"-name-us-arizona-email -name-us-arizona-email-localpartcase +name-us +san-dnsname",
	"rfc822name-permitted-hostname": "+san-rfc822name +san-rfc822name-localpartcase +san-rfc822name-domaincase " +
		"+san-rfc822name-multiple -san-rfc822name-subdomain " + unclearMailboxes +
		"+name-us-arizona-email -name-us-arizona-email-invalidstring",
	"rfc822name-permitted-subdomains": "-san-rfc822name -san-rfc822name-multiple +san-rfc822name-subdomain " +
		"+san-rfc822name-subdomaincase -san-rfc822name-subdomain-two-ats " + unclearMailboxes + "-name-us-arizona-email",
	"rfc822name-permitted-empty": "+san-rfc822name +san-rfc822name-subdomain " + unclearMailboxes,
	"rfc822name-excluded": "-san-rfc822name -san-rfc822name-domaincase -san-rfc822name-localpartcase " +
		"-san-rfc822name-multiple +san-rfc822name-subdomain " + unclearMailboxes +
		"+name-us-arizona-email -name-us-arizona-email-localpartcase -name-us-arizona-email-multiple",
	"rfc822name-excluded-hostname": "-san-rfc822name -san-rfc822name-domaincase -san-rfc822name-multiple " +
		"+san-rfc822name-subdomain " + unclearMailboxes + "-name-us-arizona-email -name-us-arizona-email-invalidstring",
	"rfc822name-excluded-subdomains": "+san-rfc822name +san-rfc822name-multiple -san-rfc822name-subdomain " +
		"-san-rfc822name-subdomaincase " + unclearMailboxes + "+name-us-arizona-email",
	"rfc822name-excluded-empty": "-san-rfc822name -san-rfc822name-subdomain -name-us-arizona-email +name-us " +
		unclearMailboxes,
	"rfc822name-permitted-hostnamewithat": "-san-rfc822name",
	"rfc822name-excluded-hostnamewithat":  "-san-rfc822name",
	"rfc822name-permitted-ipv4":           "-san-rfc822name -san-rfc822name-ipv4",
	"rfc822name-excluded-ipv4":            "-san-rfc822name -san-rfc822name-ipv4",
	"rfc822name-permitted-quoted":         "-san-rfc822name -san-rfc822name-quoted",
	"rfc822name-excluded-quoted":          "-san-rfc822name -san-rfc822name-quoted",
}

// unclearMailboxes are refused wherever mailboxes are constrained.
const unclearMailboxes = "-san-rfc822name-empty -san-rfc822name-empty-localpart -san-rfc822name-ipv4 " +
	"-san-rfc822name-no-at -san-rfc822name-quoted -san-rfc822name-subdomain-no-at -san-rfc822name-two-ats "

func readPEM(t *testing.T, file string) []byte {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	block, _ := pem.Decode(data)
	require.NotNil(t, block, file)
	return block.Bytes
}

// namedBy issues a leaf whose subject, or whose subject and alternative names
// ("san-x/name-y"), are those of the files.
func namedBy(t *testing.T, dir string, ca *forged, names string) (*x509.Certificate, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		Subject: pkix.Name{Country: []string{"US"}, Province: []string{"Arizona"}}}
	for name := range strings.SplitSeq(names, "/") {
		der := readPEM(t, filepath.Join(dir, name+".pem"))
		if strings.HasPrefix(name, "san-") {
			extension("2.5.29.17", false, der)(template)
		} else {
			template.RawSubject = der
		}
	}
	der, err := x509.CreateCertificate(nil, template, ca.Certificate, ca.key.Public(), ca.key)
	require.NoError(t, err)
	return x509.ParseCertificate(der)
}

func TestVectorsBoringSSLNameConstraints(t *testing.T) {
	dir := pkitest.Corpus(t, filepath.Join("boringssl-pki", "name_constraints_unittest"))
	root := forge(t, nil, "Root CA", 0, nil)
	tally := pkitest.Tally{Name: "boringssl-name-constraints"}
	files, err := filepath.Glob(filepath.Join(dir, "*.pem"))
	require.NoError(t, err)
	for _, file := range files {
		constraint := strings.TrimSuffix(filepath.Base(file), ".pem")
		if strings.HasPrefix(constraint, "san-") || strings.HasPrefix(constraint, "name-") {
			continue
		}
		require.NotEmpty(t, nameCases[constraint], constraint)
		// crypto/x509 refuses to read some of the constraints, which is a
		// refusal as good as ours.
		der := readPEM(t, file)
		ca, readable := forgeWith(t, root, "2.5.29.30", der)
		for _, c := range strings.Fields(nameCases[constraint]) {
			want, names := c[0] == '+', c[1:]
			id := constraint + " " + c
			if !readable {
				tally.Case(t, id, !want, "crypto/x509 does not read this constraint: refused before it comes to us")
				continue
			}
			leaf, err := namedBy(t, dir, ca, names)
			ok := err == nil
			if ok {
				_, refusal := path.Validate([]*x509.Certificate{leaf, ca.Certificate, root.Certificate}, params())
				ok = refusal == nil
				err = nil
				if refusal != nil {
					err = refusal
				}
			}
			if ok != want {
				t.Log(id, err)
			}
			tally.Case(t, id, ok == want, "")
		}
	}
	tally.Report(t)
}

// forgeWith issues a CA with one more extension; not ok if crypto/x509 does not
// read what came of it.
func forgeWith(t *testing.T, root *forged, oid string, value []byte) (*forged, bool) {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign, Subject: pkix.Name{CommonName: "CA"}}
	extension(oid, oid == "2.5.29.30", value)(template)
	key := testKeys()[1]
	der, err := x509.CreateCertificate(nil, template, root.Certificate, key.Public(), root.key)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	return &forged{c, key}, err == nil
}
