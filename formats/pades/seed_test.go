package pades_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

// What a field demands is met, or refused with what it is and what to do; what
// it only advises is not in the way.
func TestSeedValues(t *testing.T) {
	reason := func(r string) pades.Preparer { return pades.Preparer{Reason: r} }
	forms := pades.Preparer{Certify: pades.FillForms}
	for _, c := range []struct {
		seed string
		pr   pades.Preparer
		why  string // "": it is signed
	}{
		{"/Ff 0 /SubFilter [/adbe.x509.rsa_sha1] /Filter /Other /Reasons [(x)] /V 9", pades.Preparer{}, ""},
		{"/Ff 1 /Filter /Adobe.PPKLite", pades.Preparer{}, ""},
		{"/Ff 1 /Filter /Entrust.PPKEF", pades.Preparer{}, `the signature handler "Entrust.PPKEF"`},
		{"/Ff 2 /SubFilter [/adbe.pkcs7.detached /ETSI.CAdES.detached]", pades.Preparer{}, ""},
		{"/Ff 2 /SubFilter [/adbe.pkcs7.detached]", pades.Preparer{}, "a signature of kind adbe.pkcs7.detached"},
		{"/Ff 4 /V 3", pades.Preparer{}, ""},
		{"/Ff 4 /V 4", pades.Preparer{}, "seed values of version 4"},
		{"/Ff 64 /DigestMethod [(SHA512) (SHA256)]", pades.Preparer{}, ""},
		{"/Ff 64 /DigestMethod [(sha-256)]", pades.Preparer{}, ""},
		{"/Ff 64 /DigestMethod [(SHA512)]", pades.Preparer{}, "the digest SHA512, but the key signs with"},
		{"/Ff 8 /Reasons [(I wrote it) (I read it)]", reason("I read it"), ""},
		{"/Ff 8 /Reasons [(I wrote it) (I read it)]", reason("i read it"), "one of the reasons: I wrote it, I read it"},
		{"/Ff 8 /Reasons [(I wrote it)]", pades.Preparer{}, "one of the reasons"},
		{"/Ff 8 /Reasons [(.)]", pades.Preparer{}, ""},
		{"/Ff 8 /Reasons [(.)]", reason("x"), "without a reason"},
		{"/MDP << /P 0 >>", pades.Preparer{}, ""},
		{"/MDP << /P 0 >>", forms, "an approval"},
		{"/MDP << /P 2 >>", forms, ""},
		{"/MDP << /P 2 >>", pades.Preparer{}, "a certification that allows filling in forms"},
		{"/MDP << /P 1 >>", forms, "a certification that allows no changes"},
		{"/MDP << /P 7 >>", forms, "of an unknown kind"},
		{"/TimeStamp << /URL (http://tsa.example) /Ff 0 >>", pades.Preparer{}, ""},
		{"/TimeStamp << /URL (http://tsa.example) /Ff 1 >>", pades.Preparer{}, "a time-stamp: sign at level B-T"},
		{"/Ff 16 /LegalAttestation [(Links)]", pades.Preparer{}, ""},
		{"/Ff 16 /LegalAttestation [(Links)]", forms, "one of the legal attestations: Links"},
		{"/Ff 16 /LegalAttestation [(Links)]", pades.Preparer{Certify: pades.FillForms, Attestation: "Links"}, ""},
		{"/Ff 32 /AddRevInfo true", pades.Preparer{}, "revocation information within the signature"},
		{"/Ff 32 /AddRevInfo false", pades.Preparer{}, ""},
		{"/Ff 128 /LockDocument /auto", pades.Preparer{}, ""},
		{"/Ff 128 /LockDocument /true", forms, "that the document be locked"},
		{"/Ff 128 /LockDocument /true", pades.Preparer{Certify: pades.NoChanges}, ""},
		{"/Ff 128 /LockDocument /false", pades.Preparer{Certify: pades.NoChanges}, "that the document stay open"},
		{"/Ff 256 /AppearanceFilter (Company)", pades.Preparer{}, `the appearance named "Company"`},
		{"/Ff 512", pades.Preparer{}, "something that ISO 32000-2 does not define"},
		{"/Ff -1", pades.Preparer{}, "something that ISO 32000-2 does not define"},
	} {
		c.pr.Field = "Buyer"
		b := emptyField("/SV << /Type /SV " + c.seed + " >>")
		if c.why == "" {
			signed := sign(t, b, c.pr)
			require.NoError(t, holds(parse(t, signed).Signatures[0]), c.seed)
			requirePdfsig(t, signed, 1)
			continue
		}
		refuses(t, b, c.pr, pades.ErrForbidden, c.why)
	}
	for _, bad := range []string{"/SV (x)", "/SV << /Ff (x) >>", "/SV << /Cert << /Ff (x) >> >>"} {
		refuses(t, emptyField(bad), pades.Preparer{Field: "Buyer"}, formats.ErrMalformed, "Buyer")
	}
}

// A field may demand that its signature closes the document.
func TestSeedLocksTheDocument(t *testing.T) {
	b := emptyField("/SV << /Ff 128 /LockDocument /true >>")
	signed := sign(t, b, pades.Preparer{Field: "Buyer"})
	require.Contains(t, string(signed[len(b):]), "/Action /Include /Fields [] /P 1")
	refuses(t, signed, pades.Preparer{}, pades.ErrForbidden, "allows no further change")
}

// At level B-T a demanded time-stamp is met.
func TestSeedWithTimestamp(t *testing.T) {
	b := emptyField("/SV << /TimeStamp << /URL (http://tsa.example) /Ff 1 >> >>")
	p := params(t, signer(t, "alice"))
	p.Level = formats.LevelT
	_, err := pades.Preparer{Field: "Buyer"}.Prepare(input(b), p)
	require.NoError(t, err)
}

// The certificate may be prescribed: itself, who issued it, its names, its use.
func TestSeedCertificate(t *testing.T) {
	key := signer(t, "alice")
	leaf, issuer := fmt.Sprintf("<%X>", key.Certificate().Raw), fmt.Sprintf("<%X>", key.Chain()[1].Raw)
	other := fmt.Sprintf("<%X>", signer(t, "bob").Certificate().Raw)
	usage := ""
	for i := range 9 {
		usage += string("01"[min(1, int(key.Certificate().KeyUsage)>>i&1)])
	}
	wrong := strings.NewReplacer("0", "1", "1", "0").Replace(usage)
	for demand, ok := range map[string]bool{
		"/Ff 0 /Subject [" + other + "]":                       true,
		"/Ff 1 /Subject [" + other + " " + leaf + "]":          true,
		"/Ff 1 /Subject [" + other + "]":                       false,
		"/Ff 2 /Issuer [" + issuer + "]":                       true,
		"/Ff 2 /Issuer [" + leaf + "]":                         false,
		"/Ff 4 /OID [(1.2.3.4)]":                               false,
		"/Ff 8 /SubjectDN [<< /CN (bob) >> << /CN (alice) >>]": true,
		"/Ff 8 /SubjectDN [<< /2.5.4.3 (alice) >>]":            true,
		"/Ff 8 /SubjectDN [<< /CN (alice) /O (nowhere) >>]":    false,
		"/Ff 32 /KeyUsage [(" + usage + ")]":                   true,
		"/Ff 32 /KeyUsage [(XX)]":                              true,
		"/Ff 32 /KeyUsage [(" + wrong + ")]":                   false,
		"/Ff 64 /URL (http://ca.example)":                      true,
		"/Ff 128 /SignaturePolicyOID (1.2.3)":                  false,
	} {
		b := emptyField("/SV << /Cert << /Type /SVCert " + demand + " >> >>")
		if buyer := (pades.Preparer{Field: "Buyer"}); ok {
			sign(t, b, buyer)
		} else {
			refuses(t, b, buyer, pades.ErrForbidden, "certificate")
		}
	}
}
