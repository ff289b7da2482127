package ers_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/ers"
	"tamga/pki/pkitest"
)

// tokenHolds is the caller's part: whether a token is signed by the key of the
// certificate in it. Whom to trust is not asked.
func tokenHolds(raw []byte) error {
	sd, err := cms.Parse(raw)
	if err != nil {
		return err
	}
	s := &sd.Signers[0]
	cert := sd.Certificate(s)
	if cert == nil || !bytes.Equal(s.MessageDigest(), s.DigestAlgorithm.Sum(sd.Content)) {
		return errors.New("token: its certificate is missing, or its digest is another")
	}
	if err := pki.Verify(cert.PublicKey, s.Algorithm, s.Signed, s.Value); err != nil {
		return errors.New("token: " + err.Error())
	}
	return nil
}

// digests is an object of which only digests are known.
func digests(t *testing.T, known map[pki.Hash]string) ers.Object {
	return ers.Object{{Digest: func(h pki.Hash) ([]byte, error) {
		return base64.StdEncoding.DecodeString(known[h])
	}}}
}

// Records of others, with the data that their makers name and what they say of
// them. reason is part of what is wrong; "" if nothing is.
func TestVectorsEvidenceRecords(t *testing.T) {
	asn1, cades := pkitest.Corpus(t, "dss/dss-evidence-record-asn1"), pkitest.Corpus(t, "dss/dss-cades/validation/evidence-record")
	file := func(dir, name string) ers.Object {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return object(data)
	}
	one := func(o ers.Object) []ers.Object { return []ers.Object{o} }
	of := func(values ...string) (out []ers.Object) {
		for _, v := range values {
			out = append(out, digests(t, map[pki.Hash]string{pki.SHA256: v}))
		}
		return out
	}
	bin, chains1, chains2 := file(asn1, "BIN-1.bin"), file(asn1, "ER-2Chains3ATS1.bin"), file(asn1, "ER-2Chains3ATS2.bin")
	lt := file(cades, "Signature-C-LT-d233a2d9-a257-40dc-bcdb-bf4516b6d1da.p7m")
	three, number := object([]byte{3}), object([]byte("123456"))
	const (
		uncovered = "not among the digests"
		group     = "EPRF0uQcTYjnF+PyR1a52z9fXpKZEAUx3d+jQAFfPos= Oida+g+rN0DmsVgqZOgAex7lYghgYcgQth4CXl5idH0= " +
			"ZAiUg2B6CyVNPSiMgeaR4utRLwD3PPvMMBwXt0r3L7E= go+iO1ByVKxsnCPfTfTkZ9WYK45d52Dc7mrV1lUl6Ho= " +
			"kG60U/JtBW9QHmxPX2+FH+I3q6FvtwS0G0kE1j6BT4Q= zFMwgPw86LH0Py/DPEAqMA3uqMgatCJe0UwKJxifjD8="
	)
	tally := pkitest.Tally{Name: "evidence-records"}
	for _, c := range []struct {
		dir, name, reason string
		data              []ers.Object
	}{
		{asn1, "1_0_Initial.er", "", one(number)},
		{asn1, "1_1_Renew_Unsorted.er", "", one(number)},
		{asn1, "1_2_Renew_Unsorted.er", "", one(number)},
		{asn1, "1_3_Renew_Unsorted.er", "", one(number)},
		{asn1, "1_3_Renew_Unsorted.er", uncovered, one(three)},
		{asn1, "BIN-1_ER.ers", "", one(bin)},
		{asn1, "BIN-1_ER.ers", uncovered, one(chains1)},
		{asn1, "BIN-4_ER.ers", "", one(bin)},
		{asn1, "BIN-1_ER_malformed.ers", "malformed", one(bin)},
		{asn1, "ER-2Chains3ATS.ers", "", one(chains1)},
		{asn1, "ER-2Chains3ATS.ers", "", one(chains2)},
		{asn1, "ER-2Chains3ATS.ers", "", []ers.Object{chains1, chains2}},
		{asn1, "ER-2Chains3ATS.ers", uncovered, []ers.Object{chains1, bin}},
		{asn1, "LKSG_4.ers", "", one(digests(t, map[pki.Hash]string{
			pki.SHA256: "SMP/0kaannOThgfDF1Dly2qUG2Zbj5YMyNLSRZHWkO0=",
			pki.SHA384: "EfWPNqRRVrdEffJtLzF/l13oPz9qGQ5IR/sbRZxglqIzS95wy128Yi/KBEGKaIIX",
		}))},
		{asn1, "evidencerecord.ers", "", of(strings.Fields(group)...)},
		{asn1, "evidencerecord.ers", "", of(strings.Fields(group)[3])},
		// Both are in the tree, and its root is not what the token is over.
		{asn1, "er-asn1-simple-invalid.ers", "another imprint", of(
			"nOPX01D5QYQHQ58MoR3MEquffNsV+ezF7Kk1SCYCuHI=", "7s1NM1LA6WX9iHle39GmDFrAmzwRAMBS67auC9NDKyY=")},
		{asn1, "er-asn1-tst-renewal.ers", "", []ers.Object{chains1, chains2}},
		{asn1, "er-asn1-on-tst.ers", "", one(file(asn1, "d-trust.tsr"))},
		{asn1, "er-asn1-full-renewal.ers", "", one(three)},
		{asn1, "er-asn1-full-renewal-two-ats-chain.ers", "", one(three)},
		{asn1, "er-asn1-full-renewal-three-ats-chain.ers", "", one(three)},
		{asn1, "er-asn1-full-renewal-five-ats-chain.ers", "", one(three)},
		{asn1, "er-asn1-full-renewal-tst-renewal-chain-renewal.ers", "", one(three)},
		// In the first tree, but not in that of the renewal.
		{asn1, "er-asn1-chain-renewal-duplicated-data-invalid.ers", uncovered, one(object([]byte{9}))},
		{cades, "evidence-record-Double-C-B-B-basic.ers", "", one(file(cades, "Double-C-B-B-basic.p7m"))},
		{cades, "evidence-record-d233a2d9-a257-40dc-bcdb-bf4516b6d1da_renewed_hashtree.ers", "", one(lt)},
		{cades, "evidence-record-d233a2d9-a257-40dc-bcdb-bf4516b6d1da_renewed_hashtree-broken-tst.ers", "token", one(lt)},
	} {
		raw, err := os.ReadFile(filepath.Join(c.dir, c.name))
		require.NoError(t, err)
		err = proven(raw, c.data)
		agreed := err == nil
		if c.reason != "" {
			agreed = err != nil && strings.Contains(err.Error(), c.reason)
		}
		exception := ""
		if err != nil && strings.Contains(err.Error(), pki.ErrUnknownAlgorithm.Error()) {
			exception = "all fits; a token is signed with an algorithm that is none of ours (SHA-224)"
		}
		tally.Case(t, c.name+": "+c.reason, agreed, exception)
	}
	tally.Report(t)
}

// proven is nil if a record is good but for trust.
func proven(raw []byte, data []ers.Object) error {
	r, err := ers.Parse(raw)
	if err != nil {
		return err
	}
	if err := stands(r, data); err != nil {
		return err
	}
	for _, c := range r.Chains {
		for _, s := range c.Stamps {
			if err := tokenHolds(s.Token); err != nil {
				return err
			}
		}
	}
	return nil
}
