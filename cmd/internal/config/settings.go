package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"tamga/cmd/internal/fetch"
	"tamga/pki"
	"tamga/pki/softkey"
)

// Settings is a checked Config: every name it uses is there, every certificate
// read. No key has been opened.
type Settings struct {
	dir         string
	config      *Config
	keys        []keySettings
	authorities []authoritySettings
	anchors     pki.Anchors
}

type keySettings struct {
	limits pki.KeyConfig
	path   string // of its file
	chain  []*x509.Certificate
}

type authoritySettings struct {
	name string
	key  *keySettings
	crl  string // path
}

// Load reads and checks the data folder. The error wraps [ErrNoData] if there
// is none.
func Load(dir string) (*Settings, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the data folder: %w", err)
	}
	c, err := read(dir)
	if err != nil {
		return nil, err
	}
	s, err := c.check(dir)
	if err != nil {
		return nil, fmt.Errorf("checking %s: %w", filepath.Join(dir, fileName), err)
	}
	trusted, err := LoadTrust(dir)
	if err != nil {
		return nil, err
	}
	s.anchors = append(s.anchors, Anchors(trusted)...)
	return s, nil
}

// Dir returns the data folder.
func (s *Settings) Dir() string { return s.dir }

// Test reports whether the folder was made for testing.
func (s *Settings) Test() bool { return s.config.Test }

// Server returns how the HTTP API is offered.
func (s *Settings) Server() ServerConfig { return s.config.Server }

// OnlineHosts are those that `tamga verify --online` may ask.
func (s *Settings) OnlineHosts() []string { return slices.Clone(s.config.Online.Hosts) }

// TokenPath returns where the bearer token is.
func (s *Settings) TokenPath() string { return s.path(s.config.Server.Token) }

// Token reads the bearer token.
func (s *Settings) Token() (string, error) { return readSecret(s.TokenPath()) }

func (s *Settings) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// check turns what was written into what can be used.
func (c *Config) check(dir string) (*Settings, error) {
	if c.Version != 1 {
		return nil, fmt.Errorf("version %d is not known, only 1", c.Version)
	}
	s := &Settings{dir: dir, config: c}
	for _, name := range []string{c.Passphrase, c.Server.Token} {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fmt.Errorf("passphrase and token must be files in the data folder, not %q", name)
		}
	}
	if c.Server.MaxFile < 0 || c.Server.MaxJSON < 0 {
		return nil, errors.New("a limit of the server is negative")
	}
	for _, k := range c.Keys {
		if err := s.addKey(k); err != nil {
			return nil, fmt.Errorf("key %q: %w", k.Name, err)
		}
	}
	for _, a := range c.Authorities {
		if err := s.addAuthority(a); err != nil {
			return nil, fmt.Errorf("authority %q: %w", a.Name, err)
		}
	}
	for _, t := range c.Trust {
		if err := s.addAnchor(t); err != nil {
			return nil, fmt.Errorf("trust in %q: %w", t.Certificate, err)
		}
	}
	if stamp := s.key(c.Timestamp.Key); stamp == nil || !slices.Contains(stamp.limits.Uses, pki.UseTimestamp) {
		return nil, fmt.Errorf("timestamp: %q is no key with the use %q", c.Timestamp.Key, pki.UseTimestamp)
	}
	if err := checkStampURL(c.Timestamp.URL); err != nil {
		return nil, fmt.Errorf("timestamp: %w", err)
	}
	for _, host := range c.Online.Hosts {
		if err := fetch.CheckHost(host); err != nil {
			return nil, fmt.Errorf("online.hosts: %w", err)
		}
	}
	return s, nil
}

func (s *Settings) addKey(k KeyConfig) error {
	if s.key(k.Name) != nil {
		return errors.New("there are two keys of this name")
	}
	uses, err := parseUses(k.Uses)
	if err != nil {
		return err
	}
	path, ok := strings.CutPrefix(k.URI, "file:")
	if !ok || path == "" || strings.HasPrefix(path, "//") {
		return errors.New("its uri is not file: with a path")
	}
	chain, err := softkey.LoadChain(s.path(k.Certificates))
	if err != nil {
		return err
	}
	if path = filepath.FromSlash(path); !filepath.IsAbs(path) {
		path = filepath.Join(s.dir, path)
	}
	s.keys = append(s.keys, keySettings{
		limits: pki.KeyConfig{Name: k.Name, Uses: uses}, path: path, chain: chain,
	})
	return nil
}

func (s *Settings) addAuthority(a AuthorityConfig) error {
	key := s.key(a.Key)
	if key == nil || !slices.Contains(key.limits.Uses, pki.UseCertificate) {
		return fmt.Errorf("%q is no key with the use %q", a.Key, pki.UseCertificate)
	}
	if a.Name == "" || strings.ContainsAny(a.Name, `/\. `) {
		return errors.New("its name must be fit for a URL")
	}
	s.authorities = append(s.authorities, authoritySettings{name: a.Name, key: key, crl: s.path(a.CRL)})
	return nil
}

func (s *Settings) addAnchor(t TrustConfig) error {
	uses, err := parseUses(t.Uses)
	if err != nil {
		return err
	}
	list, err := LoadCertificates(s.path(t.Certificate))
	if err != nil {
		return err
	}
	for _, c := range list {
		s.anchors = append(s.anchors, pki.Anchor{Certificate: c, Uses: uses, Source: t.Source})
	}
	return nil
}

func (s *Settings) key(name string) *keySettings {
	for i := range s.keys {
		if s.keys[i].limits.Name == name {
			return &s.keys[i]
		}
	}
	return nil
}

func parseUses(names []string) ([]pki.Use, error) {
	if len(names) == 0 {
		return nil, errors.New("uses must name at least one use")
	}
	var uses []pki.Use
	for _, n := range names {
		if !slices.Contains(pki.Uses(), pki.Use(n)) {
			return nil, fmt.Errorf("%q is no use; the uses are %v", n, pki.Uses())
		}
		uses = append(uses, pki.Use(n))
	}
	return uses, nil
}
