package pki_test

import (
	"crypto"
	"crypto/mldsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/pkitest"
)

// vectorFile is the part of a Wycheproof file that verification needs.
type vectorFile struct {
	TestGroups []vectorGroup `json:"testGroups"`
}

type vectorGroup struct {
	Type         string
	PublicKey    json.RawMessage
	PublicKeyDer string
	PublicKeyAsn string
	Sha          string
	MgfSha       string
	SLen         int
	Tests        []struct {
		TcID   int    `json:"tcId"`
		Msg    string `json:"msg"`
		Sig    string `json:"sig"`
		Ctx    string `json:"ctx"`
		Result string `json:"result"`
	}
}

// TestVectorsWycheproof runs every signature verification vector whose
// algorithm is in our table through pki.Verify.
func TestVectorsWycheproof(t *testing.T) {
	for _, corpus := range []struct {
		name, pattern string
		files         int // so that a renamed file is noticed
	}{
		{"wycheproof-ecdsa", "ecdsa_secp*", 9},
		{"wycheproof-rsa-pkcs1", "rsa_signature_*", 12},
		{"wycheproof-rsa-pss", "rsa_pss_*", 7},
		{"wycheproof-ed25519", "ed25519_test*", 1},
		{"wycheproof-mldsa", "mldsa_*_verify*", 3},
	} {
		t.Run(corpus.name, func(t *testing.T) {
			names, err := fs.Glob(wycheproof.TestVectors, corpus.pattern)
			require.NoError(t, err)
			tally := pkitest.Tally{Name: corpus.name}
			used := 0
			for _, name := range names {
				if runVectors(t, &tally, name) {
					used++
				}
			}
			tally.Report(t)
			require.Equal(t, corpus.files, used, "files with algorithms of our table")
		})
	}
}

func runVectors(t *testing.T, tally *pkitest.Tally, name string) (used bool) {
	raw, err := fs.ReadFile(wycheproof.TestVectors, name)
	require.NoError(t, err)
	var file vectorFile
	require.NoError(t, json.Unmarshal(raw, &file), name)
	for _, g := range file.TestGroups {
		alg := algorithmOf(g)
		if !alg.Known() {
			continue
		}
		used = true
		key := publicKey(g, alg)
		memo := prepared(key)
		for _, c := range g.Tests {
			msg, err := hex.DecodeString(c.Msg)
			require.NoError(t, err)
			sig, err := hex.DecodeString(c.Sig)
			require.NoError(t, err)
			accepted := key != nil && pki.Verify(key, alg, msg, sig) == nil
			prepared := key != nil && memo.VerifyAnew(key, alg, msg, sig) == nil
			require.Equal(t, accepted, prepared, "%s %d: a prepared key says otherwise", name, c.TcID)
			agreed := c.Result == "acceptable" || accepted == (c.Result == "valid")
			tally.Case(t, name+"#"+hexID(c.TcID), agreed, exceptionFor(accepted, c.Ctx))
		}
	}
	return used
}

// exceptionFor holds the reasoned exceptions. There is none for an acceptance.
func exceptionFor(accepted bool, ctx string) string {
	if !accepted && ctx != "" {
		return "X.509, CMS, JOSE and COSE use ML-DSA with an empty context (RFC 9881 §3)"
	}
	return ""
}

func hexID(n int) string { return hex.EncodeToString([]byte{byte(n >> 8), byte(n)}) }

func algorithmOf(g vectorGroup) pki.Algorithm {
	hash := pki.HashByIANA(strings.ToLower(g.Sha))
	var curve struct{ Curve, Type string }
	_ = json.Unmarshal(g.PublicKey, &curve) // a string in ML-DSA files
	candidates := []pki.Algorithm{}
	switch g.Type {
	case "EcdsaVerify":
		if slices.Contains([]string{"secp256r1", "secp384r1", "secp521r1"}, curve.Curve) {
			candidates = []pki.Algorithm{pki.ECDSASHA256, pki.ECDSASHA384, pki.ECDSASHA512}
		}
	case "EcdsaP1363Verify":
		bound := map[string]pki.Algorithm{"secp256r1": pki.ES256, "secp384r1": pki.ES384, "secp521r1": pki.ES512}
		candidates = []pki.Algorithm{bound[curve.Curve]}
	case "RsassaPkcs1Verify":
		candidates = []pki.Algorithm{pki.RSASHA256, pki.RSASHA384, pki.RSASHA512}
	case "RsassaPssVerify":
		if g.MgfSha == g.Sha && g.SLen == hash.Size() && g.PublicKeyDer != "" {
			candidates = []pki.Algorithm{pki.PSSSHA256, pki.PSSSHA384, pki.PSSSHA512}
		}
	case "EddsaVerify":
		return pki.Ed25519
	case "MlDsaVerify":
		return mldsaOf(g)
	}
	for _, a := range candidates {
		if a.Known() && a.Hash() == hash {
			return a
		}
	}
	return pki.UnknownAlgorithm
}

// mldsaSizes are the encoded public keys of FIPS 204 table 2.
var mldsaSizes = map[int]pki.Algorithm{1312: pki.MLDSA44, 1952: pki.MLDSA65, 2592: pki.MLDSA87}

func mldsaOf(g vectorGroup) pki.Algorithm {
	var key string
	_ = json.Unmarshal(g.PublicKey, &key)
	if a, ok := mldsaSizes[len(key)/2]; ok {
		return a
	}
	return pki.MLDSA44 // a key of no right size: must be refused as any
}

func publicKey(g vectorGroup, alg pki.Algorithm) crypto.PublicKey {
	if g.Type == "MlDsaVerify" {
		var key string
		_ = json.Unmarshal(g.PublicKey, &key)
		raw, _ := hex.DecodeString(key)
		params := map[pki.Algorithm]mldsa.Parameters{
			pki.MLDSA44: mldsa.MLDSA44(), pki.MLDSA65: mldsa.MLDSA65(), pki.MLDSA87: mldsa.MLDSA87()}[alg]
		pub, err := mldsa.NewPublicKey(params, raw)
		if err != nil {
			return nil
		}
		return pub
	}
	der, _ := hex.DecodeString(g.PublicKeyDer)
	if pub, err := x509.ParsePKIXPublicKey(der); err == nil {
		return pub
	}
	der, _ = hex.DecodeString(g.PublicKeyAsn)
	if pub, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return pub
	}
	return nil
}
