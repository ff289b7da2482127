package config

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"tamga/pki"
	"tamga/pki/ca"
	"tamga/pki/crl"
)

// Lifetimes of the lists that we sign. They are renewed long before they end,
// so that a server that was off for a night has nothing to explain.
const (
	listLifetime = 7 * 24 * time.Hour
	listRenewal  = 24 * time.Hour
)

// lists are the revocation lists at hand, replaced as a whole when one of them
// is renewed. It is a [pki.RevocationSource].
type lists struct {
	current atomic.Pointer[listSet]
}

type listSet struct {
	set    *crl.Set
	byName map[string]*crl.List
}

// load reads the lists of the authorities. One that is not there yet is no
// error: what it would say is then unknown.
func (l *lists) load(authorities []authoritySettings) error {
	next := &listSet{byName: map[string]*crl.List{}}
	var raw [][]byte
	for _, a := range authorities {
		der, err := os.ReadFile(a.crl)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading the revocation list %q: %w", a.name, err)
		}
		list, err := crl.Parse(der)
		if err != nil {
			return fmt.Errorf("reading the revocation list %q: %w", a.name, err)
		}
		next.byName[a.name], raw = list, append(raw, der)
	}
	set, err := crl.NewSet(raw...)
	if err != nil {
		return fmt.Errorf("reading revocation lists: %w", err)
	}
	next.set = set
	l.current.Store(next)
	return nil
}

// Revocation answers from the lists as they are now.
func (l *lists) Revocation(ctx context.Context, cert, issuer *x509.Certificate) ([]pki.Revocation, error) {
	now := l.current.Load()
	if now == nil {
		return nil, nil // no data folder: nothing is known, which is no error
	}
	return now.set.Revocation(ctx, cert, issuer)
}

// of returns the list of one authority, nil if there is none.
func (l *lists) of(name string) []byte {
	if now := l.current.Load(); now != nil && now.byName[name] != nil {
		return now.byName[name].Raw
	}
	return nil
}

// stale says which lists have ended, or are not there.
func (l *lists) stale(authorities []authoritySettings, now time.Time) []string {
	var out []string
	for _, a := range authorities {
		switch list := l.current.Load().byName[a.name]; {
		case list == nil:
			out = append(out, fmt.Sprintf("revocation list %q: there is none", a.name))
		case now.After(list.NextUpdate):
			out = append(out, fmt.Sprintf("revocation list %q: it ended %s", a.name, list.NextUpdate.UTC().Format(time.RFC3339)))
		}
	}
	return out
}

// due reports whether a list is to be renewed.
func (l *lists) due(authorities []authoritySettings, now time.Time) bool {
	for _, a := range authorities {
		if list := l.current.Load().byName[a.name]; list == nil || now.Sub(list.ThisUpdate) >= listRenewal {
			return true
		}
	}
	return false
}

// RenewLists signs anew every list that is older than a day, or not there. The
// keys of the authorities must be open. Two processes may try at once: the
// lock of the folder lets one after the other, and the second finds nothing
// left to do.
func (h *House) RenewLists(ctx context.Context) error {
	unlock, err := lockPath(filepath.Join(h.settings.dir, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if err := h.lists.load(h.settings.authorities); err != nil {
		return err
	}
	renewed := false
	for _, a := range h.settings.authorities {
		list := h.lists.current.Load().byName[a.name]
		if list != nil && h.now().Sub(list.ThisUpdate) < listRenewal {
			continue
		}
		if err := h.renew(ctx, a, list); err != nil {
			return fmt.Errorf("renewing the revocation list %q: %w", a.name, err)
		}
		renewed = true
	}
	if !renewed {
		return nil
	}
	return h.lists.load(h.settings.authorities)
}

func (h *House) renew(ctx context.Context, a authoritySettings, old *crl.List) error {
	key := h.key(a.key.limits.Name)
	if key == nil {
		return fmt.Errorf("its key %q is not open", a.key.limits.Name)
	}
	der, err := signList(ctx, key, old, h.now())
	if err != nil {
		return err
	}
	return replaceFile(a.crl, der)
}

// signList signs the next list after old, which may be nil. Its number is
// larger than any before (RFC 5280 §5.2.3), even if the last list was lost.
func signList(ctx context.Context, key *pki.Key, old *crl.List, now time.Time) ([]byte, error) {
	number := big.NewInt(now.Unix())
	if old != nil && old.Number != nil && old.Number.Cmp(number) >= 0 {
		number = new(big.Int).Add(old.Number, big.NewInt(1))
	}
	req := ca.CRLRequest{Number: number, ThisUpdate: now, NextUpdate: now.Add(listLifetime)}
	if old != nil {
		for e, err := range old.Entries() { // what is revoked stays so
			if err != nil {
				return nil, err
			}
			req.Entries = append(req.Entries, e)
		}
	}
	authority := ca.Authority{Key: key}
	return authority.CRL(ctx, req)
}

// replaceFile puts data in the place of a file in one step.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already, if all went well
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
