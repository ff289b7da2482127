package policy

import (
	"fmt"
	"time"

	"tamga/formats"
	"tamga/pki"
)

// BasicName is the name of [Basic].
const BasicName = "tamga-basic-2026-11"

// ByName returns the built-in policy of that name.
func ByName(name string) (*Policy, error) {
	if name == BasicName {
		return Basic(), nil
	}
	return nil, fmt.Errorf("choosing policy %q: there is only %q", name, BasicName)
}

// Extended key usages that the rules speak of.
const (
	oidServerAuth   = "1.3.6.1.5.5.7.3.1"
	oidCodeSigning  = "1.3.6.1.5.5.7.3.3"
	oidTimeStamping = "1.3.6.1.5.5.7.3.8"
	oidOCSPSigning  = "1.3.6.1.5.5.7.3.9"
	oidMdocSigner   = "1.0.18013.5.1.2" // ISO 18013-5 B.1.4, id-mdl-kp-mdlDS
)

// Basic is the policy for signatures and identity documents as of November
// 2026: the algorithms of ETSI TS 119 312 V1.5.1, revocation status required of
// every certificate, time-stamps only as RFC 3161 demands them.
func Basic() *Policy {
	return &Policy{
		Name:       BasicName,
		Algorithms: basicAlgorithms(),
		Digests:    basicDigests(),
		Keys:       basicKeys(),
		Formats: []Format{
			{formats.CAdES, fileRule()},
			{formats.PAdES, fileRule()},
			{formats.Mdoc, Rule{
				Use: pki.UseMdoc, Revocation: true, References: true,
				Purpose: Purpose{Need: []string{oidMdocSigner}, Critical: true},
			}},
			{formats.SDJWT, Rule{
				Use: pki.UseSDJWT, Revocation: true,
				Purpose: Purpose{Refuse: []string{oidTimeStamping, oidOCSPSigning, oidServerAuth, oidCodeSigning}},
			}},
		},
		Timestamp: Rule{
			Use: pki.UseTimestamp, Attribute: true, References: true, Revocation: true,
			// RFC 3161 §2.3: the extension is critical and names this purpose
			// only, so that a key for anything else cannot make time.
			Purpose: Purpose{Need: []string{oidTimeStamping}, Only: true, Critical: true},
		},
		Revocation: Revocation{ShortLived: 24 * time.Hour, Skew: 5 * time.Minute},
		Credential: Credential{ShortLived: 24 * time.Hour},
		Limits: Limits{
			Certificates: 100, CertificateBytes: 64 << 10, Path: 8,
			Revocations: 200, Timestamps: 20, Signatures: 100,
		},
		ClaimAgainst: true,
	}
}

// fileRule is for signatures on files. Keys that were certified for time,
// status answers, servers, code or identity documents only do not sign files.
func fileRule() Rule {
	return Rule{
		Use: pki.UseSign, Attribute: true, References: true, Revocation: true,
		Purpose: Purpose{Refuse: []string{
			oidTimeStamping, oidOCSPSigning, oidServerAuth, oidCodeSigning, oidMdocSigner,
		}},
	}
}

// day is the first day on which what is used in a new signature no longer
// counts. The days are those of ETSI TS 119 312 V1.5.1 in its machine-readable
// form (2024-10-13), with the rest decided here:
//
//	RSA PKCS#1 v1.5    2029  TS 119 312: legacy until the end of 2028, whatever
//	                         the size of the key
//	RSA, PSS  ≥ 1900   2029  TS 119 312: legacy until the end of 2028
//	RSA, PSS  ≥ 3000   open  TS 119 312: recommended
//	SHA-224            2029  TS 119 312: legacy until the end of 2028
//	ECDSA, SHA-2, -3   open  TS 119 312: recommended
//	Ed25519, ML-DSA    open  our judgement: TS 119 312 V1.5.1 is silent; FIPS 186-5
//	                         and FIPS 204 approve them
//	RSA ≥ 1024         2011  our judgement: TS 102 176-1 gave 1024 bits until
//	                         the end of 2010
//	SHA-1              2013  our judgement: it stands in no version of TS 119 312;
//	                         NIST SP 800-131A allowed it until the end of 2013
//	                         for old keys only, and we take the year before
func day(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

func basicAlgorithms() []Algorithm {
	open := time.Time{}
	return []Algorithm{
		{pki.RSASHA1, day(2013)}, {pki.ECDSASHA1, day(2013)},
		{pki.RSASHA256, day(2029)}, {pki.RSASHA384, day(2029)}, {pki.RSASHA512, day(2029)},
		{pki.PSSSHA256, open}, {pki.PSSSHA384, open}, {pki.PSSSHA512, open},
		{pki.ECDSASHA256, open}, {pki.ECDSASHA384, open}, {pki.ECDSASHA512, open},
		{pki.ES256, open}, {pki.ES384, open}, {pki.ES512, open},
		{pki.Ed25519, open},
		{pki.MLDSA44, open}, {pki.MLDSA65, open}, {pki.MLDSA87, open},
	}
}

func basicDigests() []Digest {
	open := time.Time{}
	return []Digest{
		{pki.SHA1, day(2013)}, {pki.SHA224, day(2029)},
		{pki.SHA256, open}, {pki.SHA384, open}, {pki.SHA512, open},
		{pki.SHA3_256, open}, {pki.SHA3_384, open}, {pki.SHA3_512, open},
	}
}

func basicKeys() []Key {
	return []Key{
		{RSA, 1024, day(2011)}, {RSA, 1900, day(2029)}, {RSA, 3000, time.Time{}},
		{EC, 256, time.Time{}},
	}
}
