package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// MaxSize is the largest policy in bytes. The published ones have some ten
// thousand.
const MaxSize = 1 << 20

// fileSchema is the version of the files.
const fileSchema = 1

// file is a policy as it is written. A pointer is nil, and a list absent, where
// nothing was written: that is then required.
type file struct {
	Schema     int                    `toml:"schema"`
	Name       string                 `toml:"name"`
	Date       toml.LocalDate         `toml:"date"`
	Title      string                 `toml:"title"`
	Claims     *bool                  `toml:"claimed-time-against-signer"`
	Stamps     *string                `toml:"failing-timestamps"`
	Algorithms []row                  `toml:"algorithms"`
	Digests    []row                  `toml:"digests"`
	Keys       []keyRow               `toml:"keys"`
	Formats    map[string]formatTable `toml:"format"`
	Timestamp  signedTable            `toml:"timestamp"`
	Revocation struct {
		ShortLived duration  `toml:"short-lived"`
		FutureSkew duration  `toml:"future-skew"`
		Signer     pathTable `toml:"signer"`
	} `toml:"revocation"`
	Credential struct {
		ShortLived     duration `toml:"short-lived"`
		StatusRequired *bool    `toml:"status-required"`
	} `toml:"credential"`
	Limits struct {
		Certificates     int `toml:"certificates"`
		CertificateBytes int `toml:"certificate-bytes"`
		Path             int `toml:"path"`
		Revocations      int `toml:"revocations"`
		Timestamps       int `toml:"timestamps"`
		Signatures       int `toml:"signatures"`
	} `toml:"limits"`
}

// row gives an algorithm or a digest its end: a date, or "open".
type row struct {
	Name  string `toml:"name"`
	Until any    `toml:"until"`
}

type keyRow struct {
	Kind  string `toml:"kind"`
	Bits  int    `toml:"bits"`
	Until any    `toml:"until"`
}

// pathTable is what is required of a certificate and those above it.
type pathTable struct {
	Trust      []string        `toml:"trust"`
	Revocation *string         `toml:"revocation"`
	Freshness  freshnessTable  `toml:"freshness"`
	Purpose    purposeTable    `toml:"purpose"`
	Policies   certPolicyTable `toml:"certificate-policies"`
}

// signedTable is a pathTable for what also has signed attributes.
type signedTable struct {
	pathTable
	Attribute  *bool `toml:"signing-certificate"`
	References *bool `toml:"references"`
}

// formatTable is a signedTable for what also has levels.
type formatTable struct {
	signedTable
	Levels *[]string `toml:"levels"`
}

type freshnessTable struct {
	NextUpdate bool     `toml:"next-update"`
	MaxAge     duration `toml:"max-age"`
}

type purposeTable struct {
	Need     *[]string `toml:"need"`
	Only     *bool     `toml:"only"`
	Critical *bool     `toml:"critical"`
	Refuse   []string  `toml:"refuse"`
	Nested   *bool     `toml:"nested"`
}

type certPolicyTable struct {
	Policies    *[]string `toml:"policies"`
	Explicit    *bool     `toml:"require-explicit-policy"`
	InhibitAny  *bool     `toml:"inhibit-any-policy"`
	InhibitMaps *bool     `toml:"inhibit-policy-mapping"`
}

// duration is written as in Go: "24h", "5m".
type duration time.Duration

// UnmarshalText reads a duration that is not negative.
func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no length of time such as \"24h\" or \"5m\"", text)
	}
	*d = duration(v)
	return nil
}

// Parse reads a policy that somebody wrote. An unknown key is an error that
// names it and its line. Names of published policies are refused.
func Parse(data []byte) (*Policy, error) {
	p, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("reading a policy: %w", err)
	}
	for _, family := range reserved {
		if strings.HasPrefix(p.Name, family) {
			return nil, fmt.Errorf("reading a policy: the name %q is for published policies; choose one without %q",
				p.Name, family)
		}
	}
	return p, nil
}

func parse(data []byte) (*Policy, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("more than %d bytes", MaxSize)
	}
	var f file
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&f); err != nil {
		return nil, explain(err)
	}
	p, err := f.check()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	p.SHA256 = hex.EncodeToString(sum[:])
	return p, nil
}

// explain says where the file is wrong.
func explain(err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(strict.Errors) > 0 {
		line, _ := strict.Errors[0].Position()
		return fmt.Errorf("line %d: there is no key called %q", line, strings.Join(strict.Errors[0].Key(), "."))
	}
	if d, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := d.Position()
		return fmt.Errorf("line %d, column %d: %s", line, column, strings.TrimPrefix(d.Error(), "toml: "))
	}
	return err
}
