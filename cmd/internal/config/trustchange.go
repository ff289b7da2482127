package config

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/pelletier/go-toml/v2"

	"tamga/pki"
)

// AddTrust adds all of add to the trust store of a data folder, or none. It makes
// the folder if there is none. Each must pass [Trusted.Check].
func AddTrust(dir string, add []Trusted, now time.Time) error {
	return changeTrust(dir, func(have []Trusted) ([]Trusted, error) {
		for _, t := range add {
			t.Added = now.UTC().Truncate(time.Second)
			if err := t.Check(now); err != nil {
				return nil, fmt.Errorf("%s: %w", t.Name, err)
			}
			if err := distinct(have, t); err != nil {
				return nil, err
			}
			have = append(have, t)
		}
		if len(have) > maxTrusted {
			return nil, fmt.Errorf("more than %d certificates", maxTrusted)
		}
		return have, nil
	})
}

// RemoveTrust removes the one that is called which, or whose fingerprint begins
// so, with at least eight digits. The error wraps [ErrNotTrusted].
func RemoveTrust(dir, which string) (removed Trusted, err error) {
	err = changeTrust(dir, func(have []Trusted) ([]Trusted, error) {
		i, err := findTrusted(have, which)
		if err != nil {
			return nil, err
		}
		removed = have[i]
		return slices.Delete(have, i, i+1), nil
	})
	return removed, err
}

func findTrusted(have []Trusted, which string) (int, error) {
	if i := slices.IndexFunc(have, func(t Trusted) bool { return t.Name == which }); i >= 0 {
		return i, nil
	}
	prefix := strings.ToLower(strings.ReplaceAll(which, ":", ""))
	found := -1
	for i, t := range have {
		if len(prefix) < 8 || !strings.HasPrefix(t.Fingerprint(), prefix) {
			continue
		}
		if found >= 0 {
			return -1, errors.New("several fingerprints begin so; write more of it")
		}
		found = i
	}
	if found < 0 {
		return -1, ErrNotTrusted
	}
	return found, nil
}

// Check fails if the certificate cannot be trusted in the way that is asked for:
// it has ended, does not begin before the end of trust, is broken, or is no
// authority where one is needed.
func (t Trusted) Check(now time.Time) error {
	c := t.Certificate
	day := func(at time.Time) string { return at.UTC().Format(time.DateOnly) }
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	printable := strings.TrimSpace(t.Name) == t.Name && !strings.ContainsFunc(t.Name, odd)
	switch {
	case t.Name == "" || len([]rune(t.Name)) > maxName || !printable:
		return fmt.Errorf("a name must be of 1 to %d printable characters", maxName)
	case len(t.Uses) == 0:
		return errors.New("it must be trusted for something")
	case !t.From.IsZero() && !t.Until.IsZero() && t.Until.Before(t.From):
		return errors.New("trust would end before it begins")
	case now.After(c.NotAfter) && (t.Until.IsZero() || t.Until.After(c.NotAfter)):
		return fmt.Errorf("%w on %s", ErrEnded, day(c.NotAfter))
	case slices.Contains(t.Uses, pki.UseCertificate) && !(c.BasicConstraintsValid && c.IsCA):
		return ErrNotCA
	case slices.Contains(t.Uses, pki.UseCertificate) &&
		!pki.AllowsKeyUsage(c, x509.KeyUsageCertSign|x509.KeyUsageCRLSign):
		return fmt.Errorf("%w: its key usage allows neither certificates nor lists", ErrNotCA)
	}
	if bytes.Equal(c.RawSubject, c.RawIssuer) {
		if err := pki.VerifyCertificate(c, c.PublicKey, pki.Verify); errors.Is(err, pki.ErrInvalidSignature) {
			return fmt.Errorf("its own signature does not hold, so it is damaged or made up: %w", err)
		}
	}
	return nil
}

var (
	// ErrEnded says that a certificate has expired.
	ErrEnded = errors.New("the certificate expired")
	// ErrNotCA says that a certificate may not issue others.
	ErrNotCA = errors.New("the certificate is not that of an authority")
)

// changeTrust replaces the trust store by what change makes of it. It takes the
// lock under which the data folder is made, so that neither loses what the other
// wrote.
func changeTrust(dir string, change func([]Trusted) ([]Trusted, error)) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	unlock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer unlock()
	if err := restoreTrust(dir); err != nil {
		return err
	}
	have, err := LoadTrust(dir)
	if err != nil {
		return err
	}
	next, err := change(slices.Clone(have))
	if err != nil {
		return err
	}
	if err := writeTrust(dir, next); err != nil {
		return fmt.Errorf("writing the trust store: %w", err)
	}
	for _, t := range have { // what nobody names any more
		if !slices.ContainsFunc(next, func(n Trusted) bool { return n.Certificate.Equal(t.Certificate) }) {
			if err := os.Remove(trustPath(dir, t.Fingerprint())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("removing a certificate that is no longer trusted: %w", err)
			}
		}
	}
	return nil
}

func writeTrust(dir string, list []Trusted) error {
	folder := filepath.Join(dir, trustFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	out := trustList{Version: 1}
	for _, t := range list {
		e := trustEntry{
			Name: t.Name, SHA256: t.Fingerprint(), Uses: uses(t.Uses...),
			From: t.From, Until: t.Until, Added: t.Added, Source: t.Source,
		}
		out.Anchors = append(out.Anchors, e)
		path := trustPath(dir, e.SHA256)
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: t.Certificate.Raw})
		if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, block) {
			continue
		}
		if err := replaceFile(path, block); err != nil {
			return err
		}
	}
	text, err := toml.Marshal(out)
	if err != nil {
		return err
	}
	head := "# Whom tamga trusts, beside those of tamga.toml. Change it with `tamga trust`.\n\n"
	if err := replaceFile(filepath.Join(folder, trustFile), append([]byte(head), text...)); err != nil {
		return err
	}
	return syncFolder(folder)
}
