package pades

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// The bits of /Ff in a certificate seed value dictionary (ISO 32000-2 table
// 238). The URL only tells where to get a certificate.
const (
	certSubject   = 1 << 0
	certIssuer    = 1 << 1
	certPolicy    = 1 << 2
	certName      = 1 << 3
	certUsage     = 1 << 5
	certURL       = 1 << 6
	certSupported = certSubject | certIssuer | certPolicy | certName | certUsage | certURL
)

// certificate checks the signer's certificate against /Cert.
func (s *seed) certificate() error {
	dict, err := s.f.Get(s.dict, "Cert")
	if err != nil || dict.Kind != pdf.Dict {
		return err
	}
	ff, err := s.f.Get(dict, "Ff")
	if err != nil {
		return err
	}
	flags, ok := ff.Int()
	if !ok && ff.Kind != pdf.Null {
		return fmt.Errorf("field %q: a certificate demand with /Ff %.20s: %w",
			s.field, ff.Raw, formats.ErrMalformed)
	}
	if flags&^certSupported != 0 {
		return s.refuse("something of the certificate that is not supported (/Cert /Ff %d)",
			"choose another field", flags)
	}
	if flags != 0 && len(s.p.Chain) == 0 {
		return fmt.Errorf("field %q demands a certain certificate, and none was given: %w", s.field, ErrForbidden)
	}
	for _, rule := range []struct {
		flag       int64
		key, words string
		met        func(list []pdf.Value) (bool, error)
	}{
		{certSubject, "Subject", "one of certain certificates", s.isSubject},
		{certIssuer, "Issuer", "a certificate of certain issuers", s.isIssued},
		{certPolicy, "OID", "a certificate of certain policies", s.hasPolicy},
		{certName, "SubjectDN", "a certificate of certain names", s.isNamed},
		{certUsage, "KeyUsage", "a certificate of certain key usages", s.mayBeUsed},
	} {
		if flags&rule.flag == 0 {
			continue
		}
		list, err := s.f.Get(dict, rule.key)
		if err != nil {
			return err
		}
		if len(list.Items()) == 0 {
			continue
		}
		met, err := rule.met(list.Items())
		if err != nil {
			return err
		}
		if !met {
			return s.refuse("%s (/Cert /%s)", "sign with a key whose certificate fits", rule.words, rule.key)
		}
	}
	return nil
}

// any reports whether one of the values, resolved, meets a condition.
func (s *seed) any(list []pdf.Value, met func(pdf.Value) bool) (bool, error) {
	for _, item := range list {
		v, err := s.f.Resolve(item)
		if err != nil {
			return false, err
		}
		if met(v) {
			return true, nil
		}
	}
	return false, nil
}

func (s *seed) isSubject(list []pdf.Value) (bool, error) {
	return s.any(list, func(v pdf.Value) bool { return bytes.Equal(v.Bytes(), s.p.Chain[0].Raw) })
}

// isIssued looks for the issuers anywhere above the signer.
func (s *seed) isIssued(list []pdf.Value) (bool, error) {
	return s.any(list, func(v pdf.Value) bool {
		return slices.ContainsFunc(s.p.Chain[1:], func(c *x509.Certificate) bool {
			return bytes.Equal(v.Bytes(), c.Raw)
		})
	})
}

func (s *seed) hasPolicy(list []pdf.Value) (bool, error) {
	return s.any(list, func(v pdf.Value) bool {
		return slices.ContainsFunc(s.p.Chain[0].Policies, func(oid x509.OID) bool {
			return oid.String() == v.Text()
		})
	})
}

// mayBeUsed compares key usages as strings of 0, 1 and X, digitalSignature
// first; what is left out at the end does not matter.
func (s *seed) mayBeUsed(list []pdf.Value) (bool, error) {
	return s.any(list, func(v pdf.Value) bool {
		for i, c := range v.Bytes() {
			has := i < 9 && s.p.Chain[0].KeyUsage&(1<<i) != 0
			if c == '1' && !has || c == '0' && has {
				return false
			}
		}
		return v.Kind == pdf.String
	})
}

// nameKeys are the short names of RFC 4519 that /SubjectDN may use beside
// object identifiers.
var nameKeys = map[string]string{
	"CN": "2.5.4.3", "SN": "2.5.4.4", "SERIALNUMBER": "2.5.4.5", "C": "2.5.4.6", "L": "2.5.4.7",
	"ST": "2.5.4.8", "STREET": "2.5.4.9", "O": "2.5.4.10", "OU": "2.5.4.11", "TITLE": "2.5.4.12",
	"GIVENNAME": "2.5.4.42", "GN": "2.5.4.42", "E": "1.2.840.113549.1.9.1",
	"EMAIL": "1.2.840.113549.1.9.1", "DC": "0.9.2342.19200300.100.1.25", "UID": "0.9.2342.19200300.100.1.1",
}

// isNamed: the subject has every attribute of one of the dictionaries.
func (s *seed) isNamed(list []pdf.Value) (bool, error) {
	return s.any(list, func(v pdf.Value) bool {
		if v.Kind != pdf.Dict {
			return false
		}
		for _, e := range v.Entries() {
			want, err := s.f.Resolve(e.Value)
			if err != nil || !named(s.p.Chain[0].Subject, e.Key, want.Text()) {
				return false
			}
		}
		return true
	})
}

func named(subject pkix.Name, key, want string) bool {
	if oid := nameKeys[strings.ToUpper(key)]; oid != "" {
		key = oid
	}
	return slices.ContainsFunc(subject.Names, func(a pkix.AttributeTypeAndValue) bool {
		text, ok := a.Value.(string)
		return ok && a.Type.String() == key && text == want
	})
}
