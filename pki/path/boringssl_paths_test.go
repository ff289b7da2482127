package path_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"tamga/pki"
	"tamga/pki/path"
	"tamga/pki/pkitest"
)

// builderCase is a case of BoringSSL's path builder: certificates by file name,
// and the chain that is the best of those possible; no chain if there is none.
type builderCase struct {
	name    string
	leaf    string
	anchors string
	pool    string
	want    string // the first path, leaf first
	paths   int    // how many there are
}

var builderCases = []builderCase{
	// A multi-root hierarchy of four issuers, where B, C and F have several
	// certificates for one key each.
	{"leaf is itself trusted", "multi-root-A-by-B", "multi-root-A-by-B", "", "multi-root-A-by-B", 1},
	{"leaf and its issuer trusted", "multi-root-A-by-B", "multi-root-A-by-B multi-root-B-by-F", "", "multi-root-A-by-B", 2},
	{"intermediate trusted", "multi-root-A-by-B", "multi-root-B-by-C", "", "multi-root-A-by-B multi-root-B-by-C", 1},
	{"one way up", "multi-root-A-by-B", "multi-root-D-by-D", "multi-root-B-by-C multi-root-C-by-D",
		"multi-root-A-by-B multi-root-B-by-C multi-root-C-by-D multi-root-D-by-D", 1},
	{"all roads", "multi-root-A-by-B", "multi-root-D-by-D multi-root-E-by-E",
		"multi-root-B-by-C multi-root-B-by-F multi-root-C-by-D multi-root-C-by-E multi-root-F-by-E", "", 3},
	{"wrong root", "multi-root-A-by-B", "multi-root-E-by-E", "multi-root-B-by-C multi-root-C-by-D", "", 0},
	{"no way", "multi-root-A-by-B", "multi-root-E-by-E", "", "", 0},
	{"no anchors", "multi-root-A-by-B", "", "multi-root-B-by-C multi-root-C-by-D multi-root-D-by-D", "", 0},
	{"the longest way alone", "multi-root-A-by-B", "multi-root-E-by-E", "multi-root-B-by-F multi-root-F-by-E",
		"multi-root-A-by-B multi-root-B-by-F multi-root-F-by-E multi-root-E-by-E", 1},
	// Issuers of one name: the right key identifier, then none, then another;
	// within each the newest. Those of another identifier are of another key.
	{"key identifier", "key_id_prioritization/target", "key_id_prioritization/root",
		"key_id_prioritization/int_different_ski_a key_id_prioritization/int_different_ski_b " +
			"key_id_prioritization/int_different_ski_c key_id_prioritization/int_matching_ski_a " +
			"key_id_prioritization/int_matching_ski_b key_id_prioritization/int_matching_ski_c " +
			"key_id_prioritization/int_no_ski_a key_id_prioritization/int_no_ski_b key_id_prioritization/int_no_ski_c",
		"key_id_prioritization/target key_id_prioritization/int_matching_ski_c key_id_prioritization/root", 6},
	{"issuer and serial number", "key_id_name_and_serial_prioritization/target",
		"key_id_name_and_serial_prioritization/root key_id_name_and_serial_prioritization/root2",
		"key_id_name_and_serial_prioritization/int_mismatch key_id_name_and_serial_prioritization/int_match_name_only " +
			"key_id_name_and_serial_prioritization/int_matching",
		"key_id_name_and_serial_prioritization/target key_id_name_and_serial_prioritization/int_matching " +
			"key_id_name_and_serial_prioritization/root", 3},
	{"dates", "validity_date_prioritization/target", "validity_date_prioritization/root",
		"validity_date_prioritization/int_ac validity_date_prioritization/int_ad " +
			"validity_date_prioritization/int_bc validity_date_prioritization/int_bd",
		"validity_date_prioritization/target validity_date_prioritization/int_bd validity_date_prioritization/root", 4},
	{"self-issued root is trusted", "self_issued_prioritization/target",
		"self_issued_prioritization/root1 self_issued_prioritization/root2", "self_issued_prioritization/root1_cross",
		"self_issued_prioritization/target self_issued_prioritization/root1", 2},
	{"only the other root is trusted", "self_issued_prioritization/target",
		"self_issued_prioritization/root2", "self_issued_prioritization/root1 self_issued_prioritization/root1_cross",
		"self_issued_prioritization/target self_issued_prioritization/root1_cross self_issued_prioritization/root2", 1},
	{"precertificate", "precertificate/precertificate", "precertificate/root", "", "", 0},
}

func TestVectorsBoringSSLPathBuilder(t *testing.T) {
	dir := pkitest.Corpus(t, filepath.Join("boringssl-pki", "path_builder_unittest"))
	load := func(names string) (out []*x509.Certificate) {
		for name := range strings.FieldsSeq(names) {
			data, err := os.ReadFile(filepath.Join(dir, name+".pem"))
			require.NoError(t, err)
			certs, err := readCertificates(data)
			require.NoError(t, err)
			require.Len(t, certs, 1, name)
			out = append(out, certs[0])
		}
		return out
	}
	tally := pkitest.Tally{Name: "boringssl-path-builder"}
	for _, c := range builderCases {
		leaf, pool := load(c.leaf)[0], load(c.pool)
		var anchors []pki.Anchor
		for _, a := range load(c.anchors) {
			anchors = append(anchors, pki.Anchor{Certificate: a})
		}
		p := path.Params{At: time.Date(2017, 3, 1, 0, 0, 0, 0, time.UTC), Verify: pki.Verify}
		for _, reversed := range []bool{false, true} {
			if reversed {
				slices.Reverse(pool)
				slices.Reverse(anchors)
			}
			found, err := path.Find(leaf, path.Source{Anchors: anchors, Pool: pool}, p)
			valid := slices.DeleteFunc(found, func(f path.Path) bool { return !f.Valid() })
			agreed := len(valid) == c.paths && (err == nil || len(valid) == 0)
			if agreed && c.want != "" {
				agreed = slices.EqualFunc(valid[0].Chain, load(c.want), (*x509.Certificate).Equal)
			}
			if !agreed {
				t.Log(c.name, len(valid), err)
			}
			tally.Case(t, c.name, agreed, "")
		}
	}
	tally.Report(t)
}

// Files whose names say whether their policies are well-formed.
func TestVectorsBoringSSLPolicies(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(
		pkitest.Corpus(t, filepath.Join("boringssl-pki", "certificate_policies_unittest")), "*.pem"))
	require.NoError(t, err)
	tally := pkitest.Tally{Name: "boringssl-policies"}
	root := forge(t, nil, "Root CA", 0, nil)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		block, _ := pem.Decode(data)
		name := filepath.Base(file)
		ca, readable := forgeWith(t, root, "2.5.29.32", block.Bytes)
		ok := false
		if readable {
			leaf := forge(t, ca, "leaf", 2, nil)
			_, refusal := path.Validate(chainOf(leaf, ca, root), params())
			ok = refusal == nil
		}
		// A qualifier of a kind that is not known is good as long as the
		// extension is not critical.
		tally.Case(t, name, ok == !strings.HasPrefix(name, "invalid-"), "")
	}
	tally.Report(t)
}

// goodSignatures are the files whose names tell of no defect.
var goodSignatures = []string{"ecdsa-prime256v1-sha512", "ecdsa-secp384r1-sha256", "mldsa-44", "mldsa-65",
	"mldsa-87", "rsa-pkcs1-sha1", "rsa-pkcs1-sha256", "rsa-pss-sha256", "rsa2048-pkcs1-sha512"}

// verify_signed_data: key, algorithm, data and signature, put to pki.Verify.
func TestVectorsBoringSSLSignedData(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(
		pkitest.Corpus(t, filepath.Join("boringssl-pki", "verify_signed_data_unittest")), "*.pem"))
	require.NoError(t, err)
	tally := pkitest.Tally{Name: "boringssl-signed-data"}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		parts := map[string][]byte{}
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			parts[block.Type] = block.Bytes
		}
		name := strings.TrimSuffix(filepath.Base(file), ".pem")
		err = verifySigned(parts)
		if (err == nil) != slices.Contains(goodSignatures, name) {
			t.Log(name, err)
		}
		tally.Case(t, name, (err == nil) == slices.Contains(goodSignatures, name), "")
	}
	tally.Report(t)
}

func verifySigned(parts map[string][]byte) error {
	key, err := x509.ParsePKIXPublicKey(parts["PUBLIC KEY"])
	if err != nil {
		return err
	}
	alg, err := pki.ParseAlgorithmIdentifier(parts["ALGORITHM"], pki.UnknownHash)
	if err != nil {
		return err
	}
	in := cryptobyte.String(parts["SIGNATURE"])
	var value []byte
	if !in.ReadASN1BitStringAsBytes(&value) || !in.Empty() {
		return errors.New("the signature is no BIT STRING of whole octets")
	}
	return pki.Verify(key, alg, parts["DATA"], value)
}
