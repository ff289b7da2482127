package ca

import (
	"cmp"
	_ "embed"
	"encoding/asn1"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cloudflare/cfssl/config"
)

// maxProfiles is the size in bytes of the largest profile file.
const maxProfiles = 1 << 20

// ErrNoProfile says that no profile has a name.
var ErrNoProfile = errors.New("no such profile")

//go:embed default_profiles.json
var defaultProfiles []byte

// Profiles is a checked set of profiles.
type Profiles struct{ byName map[string]*Profile }

// Names returns the names of all profiles, sorted.
func (p *Profiles) Names() []string { return slices.Sorted(maps.Keys(p.byName)) }

// Profile returns the profile called name. The error wraps [ErrNoProfile] and
// names those that there are.
func (p *Profiles) Profile(name string) (*Profile, error) {
	if p == nil {
		return nil, fmt.Errorf("profile %q: there are no profiles: %w", name, ErrNoProfile)
	}
	found, ok := p.byName[name]
	if !ok {
		return nil, fmt.Errorf("profile %q is none of %s: %w", name, strings.Join(p.Names(), ", "), ErrNoProfile)
	}
	return found, nil
}

// DefaultProfiles returns the profiles that the package comment lists.
func DefaultProfiles() (*Profiles, error) { return ParseProfiles(defaultProfiles) }

// DefaultProfilesJSON returns the text of [DefaultProfiles], for operators to
// begin with.
func DefaultProfilesJSON() []byte { return slices.Clone(defaultProfiles) }

// file is a cfssl configuration as far as it is read here. The decoder refuses
// members that have no field, and members that come twice. A jsontext.Value
// stands for what cfssl knows and this package refuses: cfssl would do
// something about it, and to pass over it in silence would be to do less than
// the operator asked for.
type file struct {
	Signing struct {
		Default  *profile            `json:"default"`
		Profiles map[string]*profile `json:"profiles"`
	} `json:"signing"`
	OCSP     jsontext.Value `json:"ocsp"`
	AuthKeys jsontext.Value `json:"auth_keys"`
	Remotes  jsontext.Value `json:"remotes"`
}

type profile struct {
	Usages       []string `json:"usages"`
	IssuerURLs   []string `json:"issuer_urls"`
	OCSPURL      string   `json:"ocsp_url"`
	CRLURL       string   `json:"crl_url"`
	CAConstraint *struct {
		IsCA           bool `json:"is_ca"`
		MaxPathLen     int  `json:"max_path_len"`
		MaxPathLenZero bool `json:"max_path_len_zero"`
	} `json:"ca_constraint"`
	OCSPNoCheck   bool      `json:"ocsp_no_check"`
	Expiry        string    `json:"expiry"`
	Backdate      string    `json:"backdate"`
	NotBefore     time.Time `json:"not_before"`
	NotAfter      time.Time `json:"not_after"`
	NameWhitelist string    `json:"name_whitelist"`
	Policies      []policy  `json:"policies"`
	CSRWhitelist  *struct {
		Subject, PublicKeyAlgorithm, PublicKey, SignatureAlgorithm bool
		DNSNames, IPAddresses, EmailAddresses, URIs                bool
	}
	Tamga extension `json:"tamga"`

	AuthKey           jsontext.Value `json:"auth_key"`
	PrevAuthKey       jsontext.Value `json:"prev_auth_key"`
	Remote            jsontext.Value `json:"remote"`
	AuthRemote        jsontext.Value `json:"auth_remote"`
	CopyExtensions    jsontext.Value `json:"copy_extensions"`
	AllowedExtensions jsontext.Value `json:"allowed_extensions"`
	CTLogServers      jsontext.Value `json:"ct_log_servers"`
	CertStore         jsontext.Value `json:"cert_store"`
	LintLevel         jsontext.Value `json:"lint_error_level"`
	IgnoredLints      jsontext.Value `json:"ignored_lints"`
	IgnoredSources    jsontext.Value `json:"ignored_lint_sources"`
}

type policy struct {
	ID         string `json:"id"`
	Qualifiers []struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	} `json:"qualifiers"`
}

// extension is what this package adds to cfssl's profiles; cfssl passes over
// it.
type extension struct {
	// ExtendedUsages are dotted identifiers, for usages without a name in cfssl.
	ExtendedUsages []string `json:"extended_usages"`
	// IssuerAltName puts the authority's contact into the certificate (ISO/IEC
	// 18013-5 B.1.2, B.1.4).
	IssuerAltName bool `json:"issuer_alt_name"`
}

// ParseProfiles reads profiles in cfssl's JSON:
//
//	{"signing": {"profiles": {"timestamp": {
//	    "usages": ["digital signature", "timestamping"], "expiry": "43800h"}}}}
//
// Read are usages, expiry, backdate, not_before, not_after, ca_constraint,
// ocsp_no_check, crl_url, ocsp_url, issuer_urls (which take precedence over the
// authority's), policies, name_whitelist and CSRWhitelist, in this spelling;
// "default" stands under that name if it has usages. A profile may have one
// member more, which cfssl passes over:
//
//	"tamga": {"extended_usages": ["1.0.18013.5.1.2"], "issuer_alt_name": true}
//
// Everything else is an error, so that a misspelt limit is not a missing one:
// members that nobody knows or that come twice, and those that cfssl's server
// acts on and this package does not (auth_key, remote, copy_extensions, …). So
// are unknown usages, and profiles that break a rule of [Profile].
func ParseProfiles(data []byte) (*Profiles, error) {
	if len(data) > maxProfiles {
		return nil, fmt.Errorf("reading profiles: %d bytes, more than %d", len(data), maxProfiles)
	}
	var strict file
	if err := json.Unmarshal(data, &strict, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("reading profiles: %w", err)
	}
	if err := refuse(map[string]jsontext.Value{
		"ocsp": strict.OCSP, "auth_keys": strict.AuthKeys, "remotes": strict.Remotes,
	}); err != nil {
		return nil, fmt.Errorf("reading profiles: %w", err)
	}
	given := strict.Signing.Profiles
	if strict.Signing.Default != nil && len(strict.Signing.Default.Usages) > 0 {
		if given["default"] != nil {
			return nil, errors.New("reading profiles: two are called \"default\"")
		}
		given = maps.Clone(given)
		if given == nil {
			given = map[string]*profile{}
		}
		given["default"] = strict.Signing.Default
	}
	if len(given) == 0 {
		return nil, errors.New("reading profiles: there are none")
	}
	for name, g := range given {
		if err := g.check(); err != nil {
			return nil, fmt.Errorf("reading profile %q: %w", name, err)
		}
	}
	cfg, err := config.LoadConfig(data)
	if err != nil {
		return nil, fmt.Errorf("reading profiles: %w", err)
	}
	return build(given, cfg.Signing)
}

func build(given map[string]*profile, cfssl *config.Signing) (*Profiles, error) {
	out := &Profiles{byName: map[string]*Profile{}}
	for name, g := range given {
		read := cfssl.Profiles[name]
		if name == "default" && read == nil {
			read = cfssl.Default
		}
		p, err := newProfile(name, g, read)
		if err != nil {
			return nil, fmt.Errorf("reading profile %q: %w", name, err)
		}
		out.byName[name] = p
	}
	return out, nil
}

// check refuses what this package does not do, and what would make cfssl's
// reader stop without saying why.
func (g *profile) check() error {
	switch {
	case g == nil:
		return errors.New("it is null")
	case len(g.Usages) == 0:
		return errors.New("it has no usages")
	case g.Expiry == "":
		return errors.New("it has no expiry")
	case !g.NotBefore.IsZero() && !g.NotAfter.IsZero() && !g.NotAfter.After(g.NotBefore):
		return errors.New("not_after is not after not_before") // cfssl v1.7.1 panics on it
	case g.CSRWhitelist != nil && !g.CSRWhitelist.PublicKey:
		return errors.New("a CSRWhitelist without PublicKey leaves nothing to certify")
	}
	for member, value := range map[string]string{"expiry": g.Expiry, "backdate": cmp.Or(g.Backdate, "0")} {
		if _, err := time.ParseDuration(value); err != nil {
			return fmt.Errorf("%s: %w (hours are the largest: a year is 8760h)", member, err)
		}
	}
	if _, err := regexp.Compile(g.NameWhitelist); err != nil {
		return fmt.Errorf("name_whitelist: %w", err)
	}
	if _, err := policiesExtension(g.Policies); err != nil {
		return err
	}
	return refuse(map[string]jsontext.Value{
		"auth_key": g.AuthKey, "prev_auth_key": g.PrevAuthKey, "remote": g.Remote, "auth_remote": g.AuthRemote,
		"copy_extensions": g.CopyExtensions, "allowed_extensions": g.AllowedExtensions,
		"ct_log_servers": g.CTLogServers, "cert_store": g.CertStore, "lint_error_level": g.LintLevel,
		"ignored_lints": g.IgnoredLints, "ignored_lint_sources": g.IgnoredSources,
	})
}

// refuse allows members that ask for nothing.
func refuse(members map[string]jsontext.Value) error {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch value := members[name]; string(value) {
		case "", "null", "false", "0", `""`, "[]", "{}":
		default:
			return fmt.Errorf("member %q of cfssl is not supported", name)
		}
	}
	return nil
}

// parseOID reads a dotted identifier.
func parseOID(dotted string) (asn1.ObjectIdentifier, error) {
	var oid asn1.ObjectIdentifier
	for part := range strings.SplitSeq(dotted, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil || part != strconv.FormatUint(n, 10) {
			return nil, fmt.Errorf("%q is no object identifier", dotted)
		}
		oid = append(oid, int(n))
	}
	if len(oid) < 2 || oid[0] > 2 || oid[0] < 2 && oid[1] > 39 {
		return nil, fmt.Errorf("%q is no object identifier", dotted)
	}
	return oid, nil
}
