package config

import (
	"context"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pelletier/go-toml/v2"

	"tamga/pki"
	"tamga/pki/ca"
	"tamga/pki/softkey"
)

// SetUp makes a data folder for testing at dir, unless there is one: a root
// and an issuing authority, with certificates to sign files, time-stamps, OCSP
// responses and SD-JWT VCs; an IACA, with one to sign mdocs; lists, passphrase,
// token and settings. It is there whole or not at all. made tells whether it
// was made now.
func SetUp(ctx context.Context, dir string, now time.Time) (made bool, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return false, err
	}
	return makeFolder(dir, func(dir string) error {
		profiles, err := ca.DefaultProfiles()
		if err != nil {
			return err
		}
		s := &setUp{
			dir: dir, passphrase: newSecret(), profiles: profiles, now: func() time.Time { return now },
			keys: map[string]*pki.Key{},
		}
		return s.make(ctx)
	})
}

// setUp is a data folder in the making.
type setUp struct {
	dir        string
	passphrase string
	profiles   *ca.Profiles
	now        func() time.Time
	keys       map[string]*pki.Key
	config     Config
}

// testKeys are the keys of a test set-up, issuers first. What they are called
// stands in every certificate, so that nobody takes one for more than it is.
var testKeys = []struct {
	name    string
	issuer  string // "": signs itself
	profile string
	subject string
	use     pki.Use
	list    bool // has a revocation list
}{
	{"test-root", "", "root-ca", "Tamga Test Root CA (not for real use)", pki.UseCertificate, true},
	{"test-ca", "test-root", "issuing-ca", "Tamga Test Issuing CA (not for real use)", pki.UseCertificate, true},
	{"test-iaca", "", "iaca", "Tamga Test IACA (not for real use)", pki.UseCertificate, true},
	{"signer", "test-ca", "document-signer", "Tamga Test Signer (not for real use)", pki.UseSign, false},
	{"timestamp", "test-ca", "timestamp", "Tamga Test TSA (not for real use)", pki.UseTimestamp, false},
	{"ocsp", "test-ca", "ocsp", "Tamga Test OCSP (not for real use)", pki.UseOCSP, false},
	{"sdjwt", "test-ca", "sdjwt-signer", "Tamga Test SD-JWT Issuer (not for real use)", pki.UseSDJWT, false},
	{"mdoc", "test-iaca", "mdoc-signer", "Tamga Test mdoc Issuer (not for real use)", pki.UseMdoc, false},
}

// The public face of a test set-up. UT is Utopia, the country of the examples
// in ISO/IEC 18013-5; the policy is under the arc for examples (2.999).
const (
	testURL       = "http://localhost:8080"
	testIssuer    = "https://localhost:8080" // iss of SD-JWT VCs must be https
	testCountry   = "UT"
	testAuthority = "Tamga Test Authority (not for real use)"
	testPolicy    = "2.999.3161.1"
	testSource    = "test set-up in this data folder"
)

func (s *setUp) make(ctx context.Context) error {
	for _, sub := range []string{"keys", "certs", "crl"} {
		if err := os.Mkdir(filepath.Join(s.dir, sub), 0o700); err != nil {
			return err
		}
	}
	s.config = Config{
		Version: 1, Test: true, Passphrase: "passphrase",
		Server:    ServerConfig{Token: "token"},
		Timestamp: TimestampConfig{Key: "timestamp", Policy: testPolicy},
		Issuer:    IssuerConfig{Authority: testAuthority, Country: testCountry, URI: testIssuer},
		Trust: []TrustConfig{
			{"certs/test-root.pem", uses(pki.UseSign, pki.UseTimestamp, pki.UseOCSP, pki.UseSDJWT, pki.UseCertificate), testSource},
			{"certs/test-iaca.pem", uses(pki.UseMdoc, pki.UseCertificate), testSource},
		},
	}
	for i := range testKeys {
		if err := s.addKey(ctx, i); err != nil {
			return fmt.Errorf("making %s: %w", testKeys[i].name, err)
		}
	}
	text, err := toml.Marshal(s.config)
	if err != nil {
		return err
	}
	head := fmt.Sprintf("# Made by `tamga serve --dev` on %s: test keys, test authorities.\n"+
		"# Nothing that is signed with them is meant.\n\n", s.now().UTC().Format(time.DateOnly))
	return errors.Join(
		s.write("passphrase", []byte(s.passphrase+"\n")),
		s.write("token", []byte(newSecret()+"\n")),
		s.write(fileName, append([]byte(head), text...)),
	)
}

// addKey makes the i-th key, its certificate and, for an authority, its first
// list.
func (s *setUp) addKey(ctx context.Context, i int) error {
	k := testKeys[i]
	signer, err := softkey.Generate("p256")
	if err != nil {
		return err
	}
	chain, err := s.certify(ctx, i, signer)
	if err != nil {
		return err
	}
	key, err := pki.NewKey(pki.KeyConfig{Name: k.name, Uses: []pki.Use{k.use}}, signer, chain)
	if err != nil {
		return err
	}
	s.keys[k.name] = key
	keyFile, certFile := "keys/"+k.name+".pem", "certs/"+k.name+".pem"
	if err := softkey.Write(s.path(keyFile), signer, []byte(s.passphrase)); err != nil {
		return err
	}
	s.config.Keys = append(s.config.Keys, KeyConfig{k.name, "file:" + keyFile, certFile, uses(k.use)})
	var text []byte
	for _, c := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	if err := s.write(certFile, text); err != nil || !k.list {
		return err
	}
	list, err := signList(ctx, key, nil, s.now())
	if err != nil {
		return err
	}
	s.config.Authorities = append(s.config.Authorities, AuthorityConfig{k.name, k.name, "crl/" + k.name + ".crl"})
	return s.write("crl/"+k.name+".crl", list)
}

// certify makes the certificate, and returns it with those above it that are
// sent along: all but roots.
func (s *setUp) certify(ctx context.Context, i int, signer crypto.Signer) ([]*x509.Certificate, error) {
	k := testKeys[i]
	req := ca.Request{
		Profile: k.profile, PublicKey: signer.Public(),
		Subject: pkix.Name{Country: []string{testCountry}, Organization: []string{"Tamga Test"}, CommonName: k.subject},
	}
	if k.use == pki.UseSDJWT {
		// The certificate names the iss that it may speak for (SD-JWT VC §2.5).
		req.URIs = []*url.URL{{Scheme: "https", Host: "localhost:8080"}}
	}
	if k.issuer == "" {
		root, err := ca.SelfSign(ctx, ca.Root{
			Request: req, Signer: signer, Profiles: s.profiles, Now: s.now, CRLURL: listURL(k.name), Contact: testIssuer,
		})
		return []*x509.Certificate{root}, err
	}
	issuer := s.keys[k.issuer]
	authority := ca.Authority{
		Key: issuer, Profiles: s.profiles, Now: s.now, CRLURL: listURL(k.issuer), Contact: testIssuer,
	}
	cert, err := authority.Issue(ctx, req)
	if err != nil {
		return nil, err
	}
	chain := []*x509.Certificate{cert}
	for _, above := range issuer.Chain() {
		if string(above.RawIssuer) != string(above.RawSubject) {
			chain = append(chain, above)
		}
	}
	return chain, nil
}

func listURL(authority string) string { return testURL + "/crl/" + authority + ".crl" }

func (s *setUp) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// write writes a file that only its owner can read. The folder that it is in
// becomes visible only when all is written and flushed.
func (s *setUp) write(name string, data []byte) error {
	f, err := os.OpenFile(s.path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

func uses(list ...pki.Use) []string {
	var out []string
	for _, u := range list {
		out = append(out, string(u))
	}
	return out
}
