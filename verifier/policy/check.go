package policy

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"

	"tamga/formats"
	"tamga/pki"
)

// namePattern is what a policy may be called: it stands in reports, in URLs and
// in file names.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)

// knownFormats are those that a policy may speak of, in the order of a
// rendering.
var knownFormats = []formats.ID{formats.CAdES, formats.PAdES, formats.Mdoc, formats.SDJWT}

// required is whether a requirement holds: unless it was named and refused, it
// does.
func required(written *bool) bool { return written == nil || *written }

// check turns what was written into what is required.
func (f *file) check() (*Policy, error) {
	p := &Policy{
		Name: f.Name, Title: f.Title, Date: f.Date.AsTime(time.UTC), ClaimAgainst: required(f.Claims),
		Credential: Credential{
			ShortLived:     time.Duration(f.Credential.ShortLived),
			StatusRequired: required(f.Credential.StatusRequired),
		},
		Limits: Limits(f.Limits),
	}
	if f.Schema != fileSchema {
		return nil, fmt.Errorf("schema %d is not known, only %d", f.Schema, fileSchema)
	}
	if !namePattern.MatchString(f.Name) {
		return nil, fmt.Errorf("the name %q is not of lower-case letters, digits, dots and hyphens", f.Name)
	}
	if !validDate(f.Date) {
		return nil, errors.New("date must say when the policy was made, such as 2026-11-23")
	}
	for _, part := range []func(*file) error{p.readStamps, p.readSuites, p.readKeys, p.readRules} {
		if err := part(f); err != nil {
			return nil, err
		}
	}
	if err := p.Limits.check(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Policy) readStamps(f *file) error {
	if f.Stamps == nil {
		return nil
	}
	i := slices.Index(stampWords, *f.Stamps)
	if i < 0 {
		return fmt.Errorf("failing-timestamps is one of %q, not %q", stampWords, *f.Stamps)
	}
	p.Stamps = Stamps(i)
	return nil
}

func (p *Policy) readSuites(f *file) error {
	for _, r := range f.Algorithms {
		end, err := readUntil(r.Until)
		if err != nil {
			return fmt.Errorf("algorithm %q: %w", r.Name, err)
		}
		a := byName(r.Name, pki.UnknownAlgorithm+1)
		if !a.Known() || slices.ContainsFunc(p.Algorithms, func(b Algorithm) bool { return b.Algorithm == a }) {
			return fmt.Errorf("algorithm %q is not known, or comes twice", r.Name)
		}
		p.Algorithms = append(p.Algorithms, Algorithm{a, end})
	}
	for _, r := range f.Digests {
		end, err := readUntil(r.Until)
		if err != nil {
			return fmt.Errorf("digest %q: %w", r.Name, err)
		}
		h := byName(r.Name, pki.UnknownHash+1)
		if !h.Known() || slices.ContainsFunc(p.Digests, func(b Digest) bool { return b.Hash == h }) {
			return fmt.Errorf("digest %q is not known, or comes twice", r.Name)
		}
		p.Digests = append(p.Digests, Digest{h, end})
	}
	return nil
}

// byName finds a row of one of pki's tables, from first on; unknown if there is
// none.
func byName[T interface {
	~uint8
	Known() bool
	String() string
}](name string, first T) T {
	for v := first; v.Known(); v++ {
		if v.String() == name {
			return v
		}
	}
	return 0
}

func (p *Policy) readKeys(f *file) error {
	for _, r := range f.Keys {
		end, err := readUntil(r.Until)
		if err != nil {
			return fmt.Errorf("key %s of %d bits: %w", r.Kind, r.Bits, err)
		}
		kind := KeyKind(r.Kind)
		twice := slices.ContainsFunc(p.Keys, func(k Key) bool { return k.Kind == kind && k.Bits == r.Bits })
		if kind != RSA && kind != EC || r.Bits <= 0 || twice {
			return fmt.Errorf("key %q of %d bits: need kind RSA or EC, bits above 0, and each once", r.Kind, r.Bits)
		}
		p.Keys = append(p.Keys, Key{kind, r.Bits, end})
	}
	return nil
}

// readUntil reads an end: a date, or "open" for none in sight. To leave it out
// is an error, because it would let something pass for ever by silence.
func readUntil(v any) (time.Time, error) {
	if v == "open" {
		return time.Time{}, nil
	}
	d, ok := v.(toml.LocalDate)
	if !ok || !validDate(d) {
		return time.Time{}, errors.New(`until must be a date such as 2029-01-01, or "open"`)
	}
	return d.AsTime(time.UTC), nil
}

// validDate reports whether d was written at all, and is a day that there is.
func validDate(d toml.LocalDate) bool {
	t := d.AsTime(time.UTC)
	return d.Year > 0 && t.Year() == d.Year && int(t.Month()) == d.Month && t.Day() == d.Day
}

func (p *Policy) readRules(f *file) error {
	for _, name := range slices.Sorted(maps.Keys(f.Formats)) {
		if !slices.Contains(knownFormats, formats.ID(name)) {
			return fmt.Errorf("format %q is not known; the formats are %q", name, knownFormats)
		}
	}
	for _, id := range knownFormats {
		table, ok := f.Formats[string(id)]
		if !ok {
			continue // and so refused
		}
		rule, err := table.rule()
		if err != nil {
			return fmt.Errorf("format %s: %w", id, err)
		}
		p.Formats = append(p.Formats, Format{id, rule})
	}
	var err error
	if p.Timestamp, err = f.Timestamp.rule(); err != nil {
		return fmt.Errorf("timestamp: %w", err)
	}
	p.Revocation = Revocation{
		ShortLived: time.Duration(f.Revocation.ShortLived), Skew: time.Duration(f.Revocation.FutureSkew),
	}
	if p.Revocation.Signer, err = f.Revocation.Signer.rule(); err != nil {
		return fmt.Errorf("revocation.signer: %w", err)
	}
	return nil
}

// check demands every limit.
func (l Limits) check() error {
	all := []int{l.Certificates, l.CertificateBytes, l.Path, l.Revocations, l.Timestamps, l.Signatures}
	for _, n := range all {
		if n <= 0 {
			return errors.New("limits: each of certificates, certificate-bytes, path, revocations, timestamps " +
				"and signatures must be there and above 0, because nothing would pass otherwise")
		}
	}
	return nil
}
