package config

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"tamga/pki"
)

// The trust store is the folder "trust" in a data folder, which may hold nothing
// else: a third party has no keys.
//
//	trust/trust.toml    whom, for what, when, and by whose word
//	trust/SHA256.pem    the certificate, named by its fingerprint
//
// A certificate is written before the list that names it, and removed after it,
// each in one step: whoever reads sees the list of before or of after.
const (
	trustFolder = "trust"
	trustFile   = "trust.toml"
	maxTrusted  = 10_000
	maxName     = 100 // characters
)

// Trusted is a certificate that the operator trusts by decision.
type Trusted struct {
	Name        string // unique in the store
	Certificate *x509.Certificate
	Uses        []pki.Use
	From, Until time.Time // within which it is trusted; zero: open
	Added       time.Time
	Source      string // where it came from, for the report
}

// Fingerprint is the SHA-256 of the certificate, hexadecimal.
func (t Trusted) Fingerprint() string { return fingerprint(t.Certificate) }

// trustList is trust.toml as it is written.
type trustList struct {
	Version int          `toml:"version"`
	Anchors []trustEntry `toml:"anchor"`
}

type trustEntry struct {
	Name   string    `toml:"name"`
	SHA256 string    `toml:"sha256"`
	Uses   []string  `toml:"uses"`
	From   time.Time `toml:"from,omitempty"`
	Until  time.Time `toml:"until,omitempty"`
	Added  time.Time `toml:"added"`
	Source string    `toml:"source"`
}

// LoadTrust reads the trust store of a data folder; where there is none, nobody
// is trusted. A certificate that is not the one that was added is an error.
func LoadTrust(dir string) ([]Trusted, error) {
	list, err := readTrust(dir)
	if errors.Is(err, errTrustMoved) { // somebody removed one between our two looks
		list, err = readTrust(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the trust store %s: %w", filepath.Join(dir, trustFolder), err)
	}
	return list, nil
}

var errTrustMoved = errors.New("a certificate that it names is not there")

func readTrust(dir string) ([]Trusted, error) {
	text, err := os.ReadFile(filepath.Join(dir, trustFolder, trustFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list trustList
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&list); err != nil {
		return nil, explain(err)
	}
	if list.Version != 1 || len(list.Anchors) > maxTrusted {
		return nil, fmt.Errorf("version %d with %d entries is not known, only 1 with at most %d",
			list.Version, len(list.Anchors), maxTrusted)
	}
	var out []Trusted
	for _, e := range list.Anchors {
		t, err := e.read(dir)
		if err == nil {
			err = distinct(out, t)
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", e.Name, err)
		}
		out = append(out, t)
	}
	return out, nil
}

func (e trustEntry) read(dir string) (Trusted, error) {
	uses, err := parseUses(e.Uses)
	if err != nil {
		return Trusted{}, err
	}
	sum, err := hex.DecodeString(e.SHA256)
	if err != nil || len(sum) != sha256.Size || e.SHA256 != strings.ToLower(e.SHA256) {
		return Trusted{}, errors.New("sha256 is not 64 lower-case hexadecimal digits")
	}
	path := trustPath(dir, e.SHA256)
	list, err := LoadCertificates(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Trusted{}, fmt.Errorf("%w: %s", errTrustMoved, path)
	}
	if err != nil {
		return Trusted{}, err
	}
	if len(list) != 1 || fingerprint(list[0]) != e.SHA256 {
		return Trusted{}, fmt.Errorf("%s is not the certificate that was added", path)
	}
	return Trusted{e.Name, list[0], uses, e.From, e.Until, e.Added, e.Source}, nil
}

func trustPath(dir, fingerprint string) string {
	return filepath.Join(dir, trustFolder, fingerprint+".pem")
}

// distinct fails if the store holds the certificate or the name already.
func distinct(have []Trusted, t Trusted) error {
	for _, h := range have {
		if h.Certificate.Equal(t.Certificate) {
			return fmt.Errorf("%w as %q", ErrTrusted, h.Name)
		}
		if h.Name == t.Name {
			return fmt.Errorf("another one is called %q", t.Name)
		}
	}
	return nil
}

// ErrTrusted says that a certificate is in the trust store already.
var ErrTrusted = errors.New("it is trusted already")

// ErrNotTrusted says that the trust store does not hold what was named.
var ErrNotTrusted = errors.New("nobody of this name or fingerprint is trusted")

// Anchors are the trust store as the verifier takes it.
func Anchors(list []Trusted) []pki.Anchor {
	var out []pki.Anchor
	for _, t := range list {
		out = append(out, pki.Anchor{
			Certificate: t.Certificate, Uses: t.Uses, From: t.From, Until: t.Until, Source: t.Source,
		})
	}
	return out
}
