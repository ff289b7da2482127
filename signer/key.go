package signer

import (
	"fmt"
	"time"

	"tamga/pki"
)

// key returns the key called name if it may serve use; "" is the first that
// may. The error wraps [pki.ErrKeyNotFound] or [pki.ErrKeyUse].
func (s *Service) key(name string, use pki.Use) (*pki.Key, error) {
	for _, k := range s.cfg.Keys {
		serves := serves(k, use)
		switch {
		case name == "" && serves, name == k.Name() && serves:
			return k, nil
		case name == k.Name():
			return nil, fmt.Errorf("key %q, use %q: %w", name, use, pki.ErrKeyUse)
		}
	}
	if name == "" {
		return nil, fmt.Errorf("looking for a key of use %q: %w", use, pki.ErrKeyNotFound)
	}
	return nil, fmt.Errorf("looking for key %q: %w", name, pki.ErrKeyNotFound)
}

func serves(k *pki.Key, use pki.Use) bool {
	for a := pki.RSASHA256; a.Known(); a++ {
		if k.Allows(use, a) {
			return true
		}
	}
	return false
}

// algorithm returns want, or what k signs with by default: as strong as the
// key, or the first that the key's limits allow. named tells which algorithms
// the format has a name for.
func algorithm(k *pki.Key, use pki.Use, want pki.Algorithm, named naming) (pki.Algorithm, error) {
	if want != pki.UnknownAlgorithm {
		if !want.Known() || !named.has(want) {
			return 0, fmt.Errorf("key %q: %s has no name in this format: %w",
				k.Name(), want, pki.ErrUnknownAlgorithm)
		}
		return want, nil
	}
	def, err := named.first(k.Certificate().PublicKey)
	if err == nil && k.Allows(use, def) {
		return def, nil
	}
	for a := pki.RSASHA256; a.Known(); a++ {
		if named.has(a) && a.Hash() != pki.SHA1 && k.Allows(use, a) && err == nil {
			return a, nil
		}
	}
	if err != nil {
		return 0, fmt.Errorf("key %q: %w", k.Name(), err)
	}
	return 0, fmt.Errorf("key %q allows no algorithm of this format: %w", k.Name(), pki.ErrKeyUse)
}

// inForce refuses a key when a certificate of its chain is not valid for the
// whole of [from, until]: what is signed then never verifies, and nobody would
// notice before it is needed.
func inForce(k *pki.Key, from, until time.Time) error {
	for i, c := range k.Chain() {
		whose := "certificate"
		if i > 0 {
			whose = "issuing certificate"
		}
		switch {
		case from.Before(c.NotBefore):
			return fmt.Errorf("the %s of key %q is not valid before %s", whose, k.Name(), stamp(c.NotBefore))
		case from.After(c.NotAfter):
			return fmt.Errorf("the %s of key %q expired on %s", whose, k.Name(), stamp(c.NotAfter))
		case until.After(c.NotAfter):
			return fmt.Errorf("the %s of key %q ends on %s, before the document would on %s",
				whose, k.Name(), stamp(c.NotAfter), stamp(until))
		}
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
